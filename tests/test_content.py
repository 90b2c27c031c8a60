# ruff: noqa: E501
"""The shipped texts carry what they must, in words that people read easily."""

import math
import re
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.documents import Document, words_of

ROOT = Path(__file__).resolve().parents[1]

# The facts of the clinic's own handout, each by words that its plain wording cannot do without.
FACTS = {
    "F1 a subcutaneous injection of dilute dextrose, 5%": r"dilute.*dextrose.*5%.*subcutaneous",
    "F2 it turns TRPV-1 receptors off": r"TRPV-1 receptors.*turns the switch off",
    "F3 stimulated, they release Substance P and CGRP; C-fibers get swollen and painful": (
        r"set off.*Substance P.*CGRP.*irritate.*C-fibers.*swell and hurt"
    ),
    "F4 dextrose binds, prevents the release, turns off": r"dextrose binds.*keeps the proteins in.*turns the switch off",
    "F5 found all over, most near joints, tendons, ligaments": r"all over the body.*joints.*tendons.*ligaments",
    "F6 it does not start the AA cascade": r"None of this starts the AA \(arachidonic acid\)",
    "F7 that is why NSAIDs do not work on this type of pain": r"NSAIDs, such as Advil and Naprosyn.*do not work on this type",
    "F8 prolotherapy: deeper, irritant, 15 to 25% dextrose, other solutions": r"Deeper.*irritates.*15–25% dextrose.*other fluids",
    "F9 into weak or diseased ligaments or tendons": r"weak or diseased ligaments or tendons thought to cause chronic pain",
    "F10 it promotes healing by the AA cascade": r"Start AA swelling on purpose, to help those parts heal",
    "F11 described as extremely safe, because subcutaneous": r"described as extremely safe, since .* just under the skin",
    "F12 relief can be dramatic": r"can be dramatic",
    "F13 no steroids": r"no steroids",
    "F14 no AA inflammatory reaction": r"does not cause an AA swelling reaction",
    "F15 restores paths to deeper nerves, long-term relief": r"restore the paths that feed deeper nerves.*long-term relief",
    "F16 it is an injection": r"It is a shot",
    "F17 less effective in smokers and with diabetes": r"less well if you smoke or have diabetes",
    "F18 almost any musculoskeletal or chronic pain": r"Almost any problem of muscles, bones or joints.*chronic",
    "F19 a very short time of mild to moderate discomfort": r"mild to moderate discomfort for a very short time",
    "F20 a few hours to a few weeks": r"from a few hours to a few weeks",
    "F21 judged by pain and function": r"less pain and can do more",
    "F22 strength and conditioning, nutrition": r"strength and fitness program, and good food",
    "F23 repeats 1 to 2 weeks apart, as necessary": r"1 to 2 weeks apart, as you need",
    "F24 call the office with any question": r"questions\?.*call our office",
}
# Claims that go beyond the evidence stand beside the words that say so.
QUALIFIED = {
    "can be dramatic": "cannot say",
    "extremely safe": "no shot is free of risk",
    "smoke or have diabetes": "no study",
    "do not work on this type": "we teach",
}


def text_of(document: Document) -> str:
    """All words of a document in reading order."""
    parts = [text for _, text in words_of(document.opening)]
    for section in document.sections:
        parts += [section.heading, *(text for _, text in words_of(section.blocks))]
    return " ".join(parts)


@pytest.fixture(scope="module")
def handout() -> Document:
    return library.read_document(ROOT / "handouts/neurotherapy/handout.en.md")


@pytest.fixture(scope="module")
def consent() -> Document:
    document = library.read_document(ROOT / "handouts/neurotherapy/consent.en.md")
    assert document.kind.is_form
    return document


@pytest.mark.parametrize("fact", FACTS)
def test_the_handout_carries_every_fact_of_the_clinic(handout: Document, fact: str) -> None:
    assert re.search(FACTS[fact], text_of(handout), re.IGNORECASE)


@pytest.mark.parametrize("claim", QUALIFIED)
def test_a_claim_beyond_the_evidence_stands_beside_its_limit(handout: Document, claim: str) -> None:
    paragraphs = [text for block in (section.blocks for section in handout.sections) for _, text in words_of(block)]
    beside = [text for text in paragraphs if claim in text]
    assert beside
    assert all(QUALIFIED[claim] in text for text in beside)


def test_the_mechanism_is_told_as_a_theory(handout: Document) -> None:
    section = handout.section("mechanism")
    assert section is not None
    opening = next(text for _, text in words_of(section.blocks))
    assert "theory" in opening
    assert "not proven" in opening


def test_the_record_of_the_supplied_handout_lists_the_sentences_that_were_added(handout: Document) -> None:
    """Whoever reads `list` knows which words are not the clinic's; and no limit of a claim is left out there."""
    assert handout.review.record is not None
    added = re.findall(r"“(.*?)”", handout.review.record.reason)
    text = text_of(handout)
    assert len(added) > 10
    assert [sentence for sentence in added if sentence not in text] == []
    limits = re.findall(r"[^.:?]*\b(?:study|studies|theory|911|risks?)\b[^.:?]*\.", text.replace("**", ""))
    assert len(limits) > 7
    told = " ".join(added)
    assert [sentence for sentence in limits if sentence.rpartition(";")[2].strip() not in told] == []


# What belongs in a form (C01 to C37), by role, block or key. The rest (page furniture, codes) is tested on the pages.
ELEMENTS = {
    "C02": "role definition", "C03": "block procedure", "C04": "block reason", "C05": "block discussion",
    "C06": "block discussion", "C07": "role expect", "C08": "role benefits", "C09": "role risks",
    "C10": "block own-risks", "C11": "role alternatives", "C12": "role no-treatment", "C13": "role statement",
    "C14": "role status", "C15": "role cost", "C16": "role others", "C17": "not applicable", "C18": "block refused",
    "C19": "role voluntary", "C20": "role questions", "C21": "block teach-back", "C23": "block attestation",
    "C24": "block attestation", "C25": "block attestation", "C26": "block clinician", "C27": "block witness",
    "C28": "block interpreter", "C29": "block needs", "C30": "block reconfirmation", "C31": "block withdrawal",
    "C32": "block copy", "C33": "block first-given", "C34": "block identification",
}  # fmt: skip


@pytest.mark.parametrize("code", ELEMENTS)
def test_the_consent_form_has_a_place_for_every_element(consent: Document, code: str) -> None:
    kind, _, name = ELEMENTS[code].partition(" ")
    if kind == "role":
        assert consent.section(name) is not None
    elif kind == "block":
        assert name in {block.name for block in consent.form_blocks}
    else:
        assert consent.not_applicable[code]


def test_the_consent_form_names_its_leaflet_and_cites_its_sources(consent: Document) -> None:
    assert consent.handout == "neurotherapy"
    assert len(consent.sources) > 15
    assert consent.regulatory_status == "off-label"


def test_no_rate_is_printed_for_risks_that_nobody_counted(consent: Document) -> None:
    risks = consent.section("risks")
    assert risks is not None
    words = " ".join(text for _, text in words_of(risks.blocks))
    assert "no numbers" in words
    assert not re.search(r"\d+ ?%|\d+ in \d+", words)


# Reading grade. A screen, not a verdict: own syllable counter (groups of vowels, a silent e left out), list items and
# table cells as sentences. Source of the formulas: Kincaid 1975; McLaughlin 1969.


def syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)


def grades(document: Document) -> tuple[float, float]:
    """Flesch-Kincaid grade and SMOG grade."""
    texts = [text for section in document.sections for _, text in words_of(section.blocks)]
    sentences = [s for text in texts for s in re.split(r"(?<=[.!?:;])\s+", text) if re.search(r"\w", s)]
    words = [w for s in sentences for w in re.findall(r"[A-Za-z][A-Za-z'-]*", s)]
    counts = [syllables(word) for word in words]
    kincaid = 0.39 * len(words) / len(sentences) + 11.8 * sum(counts) / len(words) - 15.59
    smog = 1.043 * math.sqrt(sum(count > 2 for count in counts) * 30 / len(sentences)) + 3.1291
    return kincaid, smog


def test_the_grade_of_a_hand_worked_example() -> None:
    assert [syllables(word) for word in ("cat", "dextrose", "medicine", "table", "injection")] == [1, 2, 3, 2, 3]


@pytest.mark.parametrize("kind", ["handout", "consent"])
def test_a_reader_of_eighth_grade_can_read_it(kind: str) -> None:
    kincaid, smog = grades(library.read_document(ROOT / f"handouts/neurotherapy/{kind}.en.md"))
    assert 0 < kincaid <= 8
    assert 0 < smog <= 8
    print(f"{kind}: Flesch-Kincaid {kincaid:.1f}, SMOG {smog:.1f}")  # noqa: T201  shown with pytest -s
