"""Papers by which people say yes or no: what they must say is missed when it is gone, and what they must not is found.

They are visits by video, a no, a child whom somebody else brings, pictures, and a controlled medicine.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from clinicpress.documents import KINDS
from clinicpress.documents.forms import messages_of
from clinicpress.documents.wordings import faults_of
from clinicpress.errors import Problem, Severity
from clinicpress.library.kinds import read_kinds
from clinicpress.words import words_in
from tests.instruments import extract
from tests.lint.shelf import as_spanish
from tests.starters import bring_passages, found_in, with_other_words
from tests.test_kinds import ran

ROOT = Path(__file__).parents[1]
Change = tuple[str, str]
CHILD = "someone-else-brings-my-child"
STARTERS = {
    "video-visits": 3,
    "saying-no": 2,
    CHILD: 2,
    "may-we-use-your-picture": 2,
}
"""The drafts of this file that ship, and on how many sides each is printed."""
TEXTS = {**STARTERS, "record-pictures": 1, "pain-medicine": 2}
"""The same, with texts of the kinds that have no draft: those are in `tests/cases/kinds`."""
OWN = ("telehealth-consent", "photo-consent", "refusal", "proxy", "agreement", "media-release")
BY_RULES = {"C12", "C23", "C24", "C25"}
"""Elements that the rules of a consent form look for; the tests of those rules take them out."""


def gone(heading: str) -> str:
    """A section that is to be taken out."""
    return f"## {heading}"


def less(block: str) -> str:
    """A block that is to be taken out."""
    return f"[{block}]"


TAKEN_OUT: Sequence[tuple[str, str, str | Sequence[Change | str]]] = (
    ("video-visits", "V01", gone("What it is")),
    ("video-visits", "V05", gone("What may go wrong")),
    ("video-visits", "V05", [("We may miss something.", "That is so."), ("We cannot touch you", "We greet you")]),
    ("video-visits", "V05", [("The line may drop, or the picture may freeze. If it drops, w", "W")]),
    ("video-visits", "V06", [("Nobody records a visit unless you and we both said yes before it starts.", "")]),
    ("video-visits", "V07", [gone("Other choices"), (" in the clinic.", ".")]),
    ("video-visits", "V08", [(" call 911 or go to an emergency room.", " get help.")]),
    ("video-visits", "V09", [(" If it drops, we call you on the phone.", "")]),
    ("video-visits", "V14", [("You may say no to video visits. ", "")]),
    ("video-visits", "V14", [("You may end a visit or change your mind at any time, also after you sign. ", "")]),
    ("video-visits", "V14", [(" We still care for you in the clinic.", "")]),
    ("video-visits", "V15", [("- I read this form, or somebody read it to me.\n", ""), ("- I was told what", "- What"),
                             ("- I could ask questions, and I know that I can come in instead.\n", "")]),
    ("video-visits", "V16", [("Ask us now, or call {clinic.phone} later.", "Good.")]),
    ("video-visits", "V17", [("Video visits are not for emergencies. ", "")]),
    ("saying-no", "C12", [("your health problem may stay as it is, or it may get worse", "ask us")]),
    ("saying-no", "F01", gone("What we advised, and why")),
    ("saying-no", "F01", less("advice")),
    ("saying-no", "F02", gone("What we advised, and why")),
    ("saying-no", "F03", gone("What may happen without it")),
    ("saying-no", "F04", gone("Other choices")),
    ("saying-no", "F05", less("own-reason")),
    ("saying-no", "F06", [(" You may change your mind at any time, also after you sign.", "")]),
    ("saying-no", "F06", [("Call us, or tell us at your next visit. If you feel worse, call us the same day.", "")]),
    ("saying-no", "F07", [("We still care for you", "Later"), (" All your other care goes on.", "")]),
    ("saying-no", "F08", less("say-back")),
    ("saying-no", "F09", less("would-not-sign")),
    ("saying-no", "F10", less("clinician-note")),
    (CHILD, "Y01", less("may-agree")),
    (CHILD, "Y01", gone("What they may say yes to, and what not")),
    (CHILD, "Y02", [("This paper is good for a year at most. ", "")]),
    (CHILD, "Y03", less("reach")),
    (CHILD, "Y04", less("parent")),
    (CHILD, "Y05", [("help your child at once, also without this paper", "call 911")]),
    (CHILD, "Y07", less("adults")),
    (CHILD, "Y09", [("agree to surgery, or to care that needs a talk about its risks", "come alone")]),
    (CHILD, "Y11", [("You can end it at any time: call us, or tell our front desk.", "")]),
    (CHILD, "Y12", less("interpreter")),
    ("may-we-use-your-picture", "H01", gone("What we would show")),
    ("may-we-use-your-picture", "H02", gone("Who shows it, and why")),
    ("may-we-use-your-picture", "H03", gone("Where")),
    ("may-we-use-your-picture", "H04", [(", so that people know what we do and can decide about their own care", "")]),
    ("may-we-use-your-picture", "H05", gone("How long this is good")),
    ("may-we-use-your-picture", "H08", [("Write to our front desk. ", "")]),
    ("may-we-use-your-picture", "H08", [(" What was already shown or printed we cannot undo.", "")]),
    ("may-we-use-your-picture", "H09", gone("You need not")),
    ("may-we-use-your-picture", "H10", [(" Then privacy law may not protect it any more.", "")]),
    ("may-we-use-your-picture", "H12", less("copy")),
    ("may-we-use-your-picture", "M10", [(" You see or hear it before we use it.", ""), less("pictures")]),
    ("may-we-use-your-picture", "M11", less("channels")),
    ("may-we-use-your-picture", "M12", gone("Your face, name and voice")),
    ("may-we-use-your-picture", "M13", [(" What is on paper or on the internet we cannot take back for certain.", "")]),
    ("may-we-use-your-picture", "M14", gone("Are we paid?")),
    ("may-we-use-your-picture", "M15", [(" We take it down as soon as we can.", "")]),
    ("may-we-use-your-picture", "M16", [("a parent or guardian signs, and it ends when the child turns 18", "ask us")]),
    ("may-we-use-your-picture", "M17", [(", what you pay, your benefits and your place in the line stay", " stays")]),
    ("record-pictures", "C17", gone("Which pictures")),
    ("record-pictures", "M01", gone("Which pictures")),
    ("record-pictures", "M02", [("They are kept in your record. None stays on a phone. ", "")]),
    ("record-pictures", "M03", [(" Those who treat you see them.", "")]),
    ("record-pictures", "M04", [("## For your record only", "## What for"), ("They are for your record only. ", "")]),
    ("record-pictures", "M04", [(" To show them anywhere else, we ask you on another form.", "")]),
    ("record-pictures", "M05", [("say no, or ", "")]),
    ("record-pictures", "M05", [(" We treat you all the same.", "")]),
    ("record-pictures", "M06", [(", or change your mind later", "")]),
    ("pain-medicine", "D01", gone("What we want to reach")),
    ("pain-medicine", "D02", [("- Do not drive until you know how it works on you.\n", "")]),
    ("pain-medicine", "D02", [("- Alcohol and medicines that make you sleepy add to the danger.\n", "")]),
    ("pain-medicine", "D02", [("- Your body may get used to it. It may be hard to stop.\n", "")]),
    ("pain-medicine", "D02", [("- Too much of it can slow your breathing. You could die of an overdose.\n", "")]),
    ("pain-medicine", "D03", gone("Other choices")),
    ("pain-medicine", "D04", gone("What we promise")),
    ("pain-medicine", "D06", gone("Refills")),
    ("pain-medicine", "D07", [(" It is no punishment.", ""), ("everybody, because it helps to keep you safe", "")]),
    ("pain-medicine", "D09", [(" Keep naloxone at home.", "")]),
    ("pain-medicine", "D10", [("slowly, and together. We never stop it all at once", "together")]),
    ("pain-medicine", "D11", gone("If you may get pregnant")),
    ("pain-medicine", "D12", less("both-clinician")),
)  # fmt: skip
"""A fact of a text, and the row that misses it."""
PUT_IN: Sequence[tuple[str, str, str, str]] = (
    ("video-visits", "V90", "benefits", "A video visit is as safe as a visit here."),
    ("video-visits", "V91", "risks", "You hold the clinic harmless if the line fails."),
    ("saying-no", "F90", "statement", "I leave against medical advice."),
    ("saying-no", "F90", "care", "The patient is non-compliant."),
    ("saying-no", "F91", "statement", "I release the clinic from all liability."),
    ("saying-no", "F92", "care", "If you say no, we may end your care."),
    (CHILD, "Y90", "may", "They may say yes to procedures."),
    (CHILD, "Y91", "until", "This paper never ends."),
    (CHILD, "Y93", "statement", "I release the clinic from all liability."),
    ("may-we-use-your-picture", "M90", "information", "We may use it in any and all media."),
    ("may-we-use-your-picture", "M91", "information", "We own what you write in reviews."),
    ("may-we-use-your-picture", "H13", "statement", "I agree to be treated."),
    ("record-pictures", "M04", "definition", "We may use them for teaching."),
    ("record-pictures", "M90", "statement", "I hold the clinic harmless."),
    ("pain-medicine", "D90", "statement", "This contract is binding."),
    ("pain-medicine", "D91", "ending", "You will be discharged from the clinic."),
    ("pain-medicine", "D92", "statement", "I waive my privacy toward the police."),
)
"""What must never be there: a sentence in the section with a role."""


def text_of(topic: str) -> tuple[str, str]:
    """The name of a text's file, and the text."""
    (path,) = (ROOT / ("starter" if topic in STARTERS else "tests/cases/kinds") / topic).glob("*.en.md")
    return path.name, path.read_text(encoding="utf-8")


def kind_of(topic: str) -> str:
    return text_of(topic)[0].partition(".")[0]


def found(folder: Path, topic: str, text: str) -> list[Problem]:
    """All that is found in a text of a topic."""
    (folder / topic).mkdir()
    (folder / topic / text_of(topic)[0]).write_text(text, encoding="utf-8")
    return found_in(folder)


def changed(topic: str, change: str | Sequence[Change | str], folder: Path) -> str:
    """A text without a section, without a block, or with other words; each of them is there before.

    Words that are in a passage are changed in the passage, which is brought into the folder.
    """
    _, text = text_of(topic)
    for one in [change] if isinstance(change, str) else change:
        if isinstance(one, tuple):
            old, new = one
        elif one.startswith("##"):
            (old,), new = re.findall(rf"(?ms)^{re.escape(one)} \{{.*?(?=^## |\Z)", text), ""
        else:
            given = re.search(r"(?m)^blocks: .*\n", text)
            blocks = [name for name in KINDS[kind_of(topic)].blocks if name != one[1:-1]]
            assert len(blocks) < len(KINDS[kind_of(topic)].blocks), one
            line = f"blocks: [{', '.join(blocks)}]\n"
            old, new = (given[0], line) if given else ("effective: ", f"{line}effective: ")
        text = with_other_words(text, old, new, folder)
    return text


@pytest.mark.parametrize("topic", TEXTS)
def test_a_text_has_no_error_and_few_warnings(topic: str, tmp_path: Path) -> None:
    problems = found(tmp_path, topic, text_of(topic)[1])
    assert [str(one) for one in problems if one.severity is Severity.ERROR] == []
    assert len(problems) <= 3, [str(one) for one in problems]


@pytest.mark.parametrize(("topic", "code", "change"), TAKEN_OUT)
def test_a_fact_that_is_taken_out_is_missed(
    topic: str, code: str, change: str | Sequence[Change | str], tmp_path: Path
) -> None:
    assert code in {one.code for one in found(tmp_path, topic, changed(topic, change, tmp_path))}


@pytest.mark.parametrize("topic", TEXTS)
def test_every_core_element_of_a_text_is_taken_out_once(topic: str) -> None:
    kind = KINDS[kind_of(topic)]
    asked = {code for code, one in kind.elements.items() if one.core and not set(one.tests) <= {"never"}}
    asked -= (
        BY_RULES
        | {code for there, code, _, _ in PUT_IN if there == topic}
        | set(kind.known_blocks[kind.signed_in].elements)
    )
    assert asked <= {code for there, code, _ in TAKEN_OUT if there == topic}


@pytest.mark.parametrize("topic", TEXTS)
def test_nobody_can_leave_the_signature_out(topic: str, tmp_path: Path) -> None:
    text = changed(topic, less(KINDS[kind_of(topic)].signed_in), tmp_path)
    assert "error" in {str(one.severity) for one in found(tmp_path, topic, text)}


@pytest.mark.parametrize(("topic", "code", "role", "sentence"), PUT_IN)
def test_what_must_never_be_said_is_found(topic: str, code: str, role: str, sentence: str, tmp_path: Path) -> None:
    _, text = text_of(topic)
    (heading,) = re.findall(rf"(?m)^## .*\{{.*[#.]{role}\b.*$", text)
    told = [
        one for one in found(tmp_path, topic, text.replace(heading, f"{heading}\n\n{sentence}")) if one.code == code
    ]
    assert [one.sentence for one in told if sentence in one.sentence]


def test_only_the_parent_signs_for_a_child(tmp_path: Path) -> None:
    _, text = text_of(CHILD)
    text += "\n::: fields\n- Signature of the adult who brings the child: signature {adult.signature}\n:::\n"
    assert "Y92" in {one.code for one in found(tmp_path, CHILD, text)}


# What a consent to a treatment needs, and these do not ----------------------------------------------------------------

VISIT = """---
title: "A visit on a screen"
kind: telehealth-consent
language: en
form: X-7
effective: 2026-12-01
review_by: 2027-12-01
author: "A. Writer"
sources: ["A source"]
modes: [video]
---

## What it is {{#definition}}

You and we see each other on a screen.

## What may help {{#benefits}}

You may save the drive.

## Risks {{#risks}}

- We may miss something. Somebody may listen in.
- The line may break. Then we call you on the phone.

## Instead {{#alternatives}}

You can come to the clinic.

## Your choice {{#voluntary}}

{choice}

## Any more questions? {{#questions}}

Ask us. In an emergency call 911.

## Your decision {{#statement}}

- I read this. I may take it back at any time.

::: fields
- You may record the visit: choice(Yes, No) {{visit.record}}
:::
"""


@pytest.mark.parametrize(
    "choice",
    [
        "You may say no now or stop at any time, also after you sign. We still care for you.",
        "It is up to you. You can switch to visits in the clinic later. Your care stays the same.",
        "Nobody has to do this. You can go back to visits here whenever you like, and we treat you as before.",
        "You need not agree. You can change your mind. We will see you in the clinic.",
        "You are free to choose. You may withdraw your consent, and your treatment goes on.",
    ],
)
def test_a_free_choice_of_visits_is_known_in_many_words(choice: str, tmp_path: Path) -> None:
    problems = found(tmp_path, "video-visits", VISIT.format(choice=choice))
    assert [str(one) for one in problems if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize(
    "choice",
    [
        "You cannot say no. You may stop at any time. We still care for you.",
        "You may say no. We still care for you.",
        "You may say no. You may stop at any time.",
        "You may say no. You may stop at any time. Then we can no longer treat you.",
    ],
)
def test_a_choice_that_is_none_is_not_taken_for_one(choice: str, tmp_path: Path) -> None:
    text = VISIT.format(choice=choice).replace(" I may take it back at any time.", "")
    assert "V14" in {one.code for one in found(tmp_path, "video-visits", text)}


# The rows themselves --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OWN)
def test_the_words_of_a_kind_match_their_sentences_and_no_others(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    assert {phrase: list(faults_of(row)) for phrase, row in kind.phrases.items() if list(faults_of(row))} == {}
    (tmp_path / f"our-{name}.toml").write_text(f'extends = "{name}"\ncalled = "Our own"\n', encoding="utf-8")
    assert read_kinds(tmp_path)[1] == [], "a clinic could not extend it"


@pytest.mark.parametrize("name", OWN)
def test_a_block_of_a_kind_has_a_section_to_be_in(name: str) -> None:
    kind = KINDS[name]
    own = {one for block in kind.known_blocks.values() if block.name in kind.blocks for one in block.within}
    assert own <= set(kind.roles)
    assert set(kind.blocks) <= set(kind.offered)


def test_no_section_is_styled_as_a_part_of_the_page() -> None:
    """A role is a class of its section: one that the style sheets use for something else would move the section."""
    styled = {
        name
        for path in (ROOT / "templates").glob("*.css")
        for name in re.findall(r"\.([a-z][\w-]*)", re.sub(r"(?s)/\*.*?\*/", "", path.read_text(encoding="utf-8")))
    }
    assert "furniture" in styled
    roles = {role for name in OWN for role in KINDS[name].roles}
    assert roles & styled <= {"summary", "who"}, "'who' is styled in the mast only"


@pytest.mark.parametrize("name", OWN)
def test_all_that_a_kind_prints_is_there_in_spanish(name: str) -> None:
    kind, words = KINDS[name], words_in("es")
    said = [kind.called, kind.on_page, *kind.places.values(), *kind.agrees.values()]
    said += [message for block in kind.known_blocks.values() for message in messages_of(block)]
    assert all(kind.said(message, words) for message in said if message)


# On paper -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The texts on paper, in standard print."""
    out = tmp_path_factory.mktemp("printed")
    for folder, topics in (
        ("starter", list(STARTERS)),
        ("tests/cases/kinds", [one for one in TEXTS if one not in STARTERS]),
    ):
        made = ran(ROOT, "build", *topics, "--handouts", folder, "--out", str(out))
        assert made.returncode == 0, made.stderr
    return out


@pytest.mark.parametrize(("topic", "sides"), TEXTS.items())
def test_a_text_has_its_number_of_sides_and_prints_as_a_draft(topic: str, sides: int, printed: Path) -> None:
    pages = extract.poppler_pages(printed / topic / f"{text_of(topic)[0].removesuffix('.md')}.pdf")
    assert len(pages) == sides == KINDS[kind_of(topic)].sides
    assert all("DRAFT" in page for page in pages)


def test_a_form_is_printed_in_spanish(tmp_path: Path) -> None:
    for topic in TEXTS:
        name, text = text_of(topic)
        (tmp_path / topic).mkdir()
        (tmp_path / topic / name.replace(".en.", ".es.")).write_text(as_spanish(text), encoding="utf-8")
    bring_passages(tmp_path, "es")
    made = ran(ROOT, "build", "--handouts", str(tmp_path), "--out", str(tmp_path / "out"))
    assert made.returncode == 0, made.stderr


def test_a_draft_is_printed_in_large_print(tmp_path: Path) -> None:
    made = ran(ROOT, "build", *STARTERS, "--profile", "large-print", "--handouts", "starter", "--out", str(tmp_path))
    assert made.returncode == 0, made.stderr
