"""The elements of consent: found by role and by words, weighed where the clinic is, and measured on a set of forms."""

import json
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from clinicpress import library, lint
from clinicpress.cli import main
from clinicpress.documents import KINDS
from clinicpress.errors import ContentError, Problem
from clinicpress.lint import Context, check_document
from tests.lint.shelf import ROOT, Shelf, change, stock
from tests.lint_score.score import REQUIRED, Score, score

RISKS = "- You may feel dizzy.\n- In rare cases the ear drum is hurt.\n"


@pytest.fixture(autouse=True)
def fonts_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "read_fonts", _fonts)


_fonts = cache(library.read_fonts)


@pytest.fixture(scope="module")
def context() -> Context:
    fonts = _fonts(ROOT / "fonts")
    clinic = library.read_clinic(ROOT / "tests/lint/B01/good/clinic.toml", {face.family for face in fonts})
    return Context(date(2026, 12, 1), frozenset().union(*(face.coverage for face in fonts)), clinic=clinic)


@pytest.fixture
def found(tmp_path: Path, context: Context) -> Callable[..., dict[str, Problem]]:
    """What is found in the form of the shelf after changes to it, by code and rule; only what is about consent."""

    def check(*changes: tuple[str, str]) -> dict[str, Problem]:
        shelf = stock(tmp_path)
        change(shelf.consent, *changes)
        documents, problems = library.read_library(tmp_path)
        every = [*problems, *(one for document in documents for one in check_document(document, context))]
        return {f"{one.code} {one.rule}": one for one in every if one.code[0] in "CS"}

    return check


# The set --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured() -> Score:
    return score()


def test_of_the_required_elements_that_are_missing_nearly_all_are_found(measured: Score) -> None:
    assert sum(measured.elements.planted[code] for code in REQUIRED) > 30
    assert measured.elements.recall(*REQUIRED) >= 0.95


def test_what_is_called_missing_is_missing(measured: Score) -> None:
    assert sum(measured.elements.found.values()) > 80
    assert measured.elements.precision() >= 0.9


def test_the_score_counts_what_is_missed_and_what_is_wrong() -> None:
    from tests.lint_score.score import Tally  # noqa: PLC0415

    tally = Tally()
    tally.add("one", {"C09", "C11"}, {"C09", "C12"})
    assert (tally.recall(), tally.precision()) == (0.5, 0.5)
    assert tally.notes == ["one: C11 was not found", "one: C12 was not planted"]


# By role and by words -------------------------------------------------------------------------------------------------


def test_the_shipped_form_has_every_element(context: Context) -> None:
    documents, _ = library.read_library(ROOT / "handouts")
    forms = [one for one in documents if one.kind.is_form and one.language == "en"]
    assert forms
    assert [one for form in forms for one in check_document(form, context) if one.code.startswith("C")] == []


def test_every_element_has_a_rule() -> None:
    assert {rule.code for rule in lint.RULES if rule.code[0] == "C"} == {f"C{number:02}" for number in range(1, 38)}


def test_a_form_in_other_words_lacks_nothing_and_is_asked_for_its_roles(
    found: Callable[..., dict[str, Problem]],
) -> None:
    roles = ("risks", "alternatives", "no-treatment", "voluntary", "questions", "expect")
    seen = found(*((f" {{#{role}}}", "") for role in roles))
    assert [key for key, one in seen.items() if key.startswith("C") and one.severity == "error"] == []
    assert {"S31 role-not-marked", "S32 block-without-place"} <= set(seen)


def test_boxes_that_would_not_print_stop_the_printing(found: Callable[..., dict[str, Problem]]) -> None:
    problem = found((" {#statement}", ""))["S32 block-without-place"]
    assert problem.severity == "error"
    assert "attestation" in problem.message


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (RISKS, "- You may feel dizzy.\n", "C09 thin-element"),
        (RISKS, "There are no risks.\n", "C09 thin-element"),
        (RISKS, "The doctor will tell you about the risks.\n", "C09 thin-element"),
        ("You may hear better. We cannot promise it.", "Ask us what it may do for you.", "C08 thin-element"),
        ("Drops alone can help. They take a week or more.", "There are other choices. Ask us.", "C11 thin-element"),
        ("The wax may stay, or come out on its own.", "Please ask us.", "C12 thin-element"),
        (
            "It takes about ten minutes. The water is warm. You can drive home after it.",
            "It is quick.",
            "C07 thin-element",
        ),
        ("I was told what will be done and what may go wrong.", "I agree to it.", "C13 thin-element"),
        ("You may say no. You may stop us at any time.", "You may say no today.", "C19 thin-element"),
        (" In an emergency, call 911.", "", "C20 thin-element"),
        ("Rinsing an ear with warm water", "EI", "C02 thin-element"),
    ],
)
def test_a_section_that_does_not_say_what_it_is_for_is_no_answer(
    before: str, after: str, rule: str, found: Callable[..., dict[str, Problem]]
) -> None:
    seen = found((before, after))
    assert rule in seen or rule.replace("thin", "unclear") in seen


@pytest.mark.parametrize(
    "words",
    [
        "Most people feel a little dizzy. About 1 in 1,000 gets an infection.",
        "Soreness is common. Very rarely hearing is lost.",
        "| | What |\n|---|---|\n| Common | Itching |\n| Rare but serious | A hole in the ear drum |",
    ],
)
def test_risks_in_other_words_are_risks(words: str, found: Callable[..., dict[str, Problem]]) -> None:
    assert not [key for key in found((RISKS, f"{words}\n")) if key.startswith("C09")]


def test_own_fields_answer_as_blocks_do(found: Callable[..., dict[str, Problem]]) -> None:
    fields = "\n\n::: fields\n- Has a witness seen it: text {own.seen} half\n:::"
    assert "C27 witness" in found(("witness, ", ""))
    assert "C27 witness" not in found(("witness, ", ""), ("Ask us for the price.", f"Ask us for the price.{fields}"))


@pytest.mark.parametrize(
    "left",
    [
        "{{ name }}",
        "TBD",
        "XXX days",
        "Lorem ipsum",
        "____",
        "[insert risk]",
        "[your clinic]",
        "Your Clinic",
        "...........",
    ],
)
def test_what_was_left_open_is_found_in_every_document(left: str, tmp_path: Path, context: Context) -> None:
    shelf = stock(tmp_path)
    change(shelf.handout, ("You may hear better at once.", f"You may hear better in {left}."))
    documents, _ = library.read_library(tmp_path)
    codes = [one.code for document in documents for one in check_document(document, context)]
    assert "C37" in codes


@pytest.mark.parametrize(
    "harmless", ["See [page 2](https://a.example).", "A … pause.", "Size XXL fits.", "It is 3 - 4 cm."]
)
def test_what_only_looks_left_open_is_let_be(harmless: str, tmp_path: Path, context: Context) -> None:
    shelf = stock(tmp_path)
    change(shelf.handout, ("You may hear better at once.", harmless))
    documents, _ = library.read_library(tmp_path)
    assert "C37" not in [one.code for document in documents for one in check_document(document, context)]


# Not applicable, and where the clinic is ------------------------------------------------------------------------------


def test_an_element_that_does_not_apply_is_left_out_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    change(shelf.consent, ("witness, ", ""), ("blocks:", 'not_applicable: {C27: "state law asks for none"}\nblocks:'))
    assert main(["check", "--words", *shelf.options]) == 0
    said = capsys.readouterr().out
    assert "consent.en.md: C27 was not looked for (not applicable): state law asks for none" in said
    main(["check", "--words", "--json", *shelf.options])
    (entry,) = json.loads(capsys.readouterr().out)["left_out"]
    assert (entry["code"], entry["reason"]) == ("C27", "state law asks for none")


@pytest.mark.parametrize("code", [code for code, one in KINDS["consent"].elements.items() if one.core])
def test_a_core_element_always_applies(code: str, found: Callable[..., dict[str, Problem]]) -> None:
    assert "S33 core-element" in found(("blocks:", f'not_applicable: {{{code}: "no"}}\nblocks:'))


def place(shelf: Shelf, name: str) -> None:
    text = shelf.clinic.read_text(encoding="utf-8")
    shelf.clinic.write_text(f'jurisdiction = "{name}"\n{text}', encoding="utf-8")


def test_a_jurisdiction_raises_lowers_and_switches_off_rules_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    change(
        shelf.consent, ("own-risks, ", ""), ("witness, ", ""), ("Ask us for the price.", "Ask us."), (RISKS, "None.\n")
    )
    rows = [
        'C10 = {weight = "error", reason = "our law asks for it"}',
        'C27 = {weight = "off", reason = "nobody asks"}',
    ]
    rows.append('C09 = {weight = "warning", reason = "for a test"}')
    (tmp_path / "home.toml").write_text("\n".join(["[rules]", *rows]), encoding="utf-8")
    place(shelf, "home.toml")
    main(["check", "--words", "--json", *shelf.options])
    answer = json.loads(capsys.readouterr().out)
    weights = {one["code"]: (one["severity"], one["message"]) for one in answer["problems"] if one["code"][0] == "C"}
    assert set(weights) == {"C09", "C10"}
    assert weights["C10"][0] == "error"
    assert weights["C10"][1].endswith("In 'home.toml' this is an error: our law asks for it")
    assert weights["C09"][0] == "warning"
    assert [(one["code"], one["by"], one["reason"]) for one in answer["left_out"]] == [
        ("C27", "home.toml", "nobody asks")
    ]


@pytest.mark.parametrize(
    ("named", "own", "said"),
    [
        ("uss-clinic", None, "Did you mean 'us-clinic'?"),
        ("../other.toml", None, "no file"),
        ("home.toml", '[rules]\nC99 = {weight = "off", reason = "x"}', "S34 unknown-rule"),
        ("home.toml", '[rules]\nC27 = {weight = "of", reason = "x"}', "S03 wrong-type"),
        ("home.toml", '[rules]\nC27 = {weight = "off"}', "S03 wrong-type"),
        ("home.toml", "rules", "S17 bad-front-matter"),
        ("home.toml", 'colour = "red"', "S01 unknown-key"),
    ],
)
def test_a_jurisdiction_that_cannot_be_read_is_named_with_a_remedy(
    named: str, own: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    place(shelf, named)
    if own is not None:
        (tmp_path / "home.toml").write_text(own, encoding="utf-8")
    assert main(["check", "--words", *shelf.options]) == ContentError.exit_code
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    "path", sorted((ROOT / "clinicpress/library/jurisdictions").glob("*.toml")), ids=lambda one: one.stem
)
def test_a_shipped_jurisdiction_weighs_rules_that_exist(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = stock(tmp_path)
    place(shelf, path.stem)
    assert main(["check", "--words", *shelf.options]) == 0, capsys.readouterr().out


# In the words of real forms -------------------------------------------------------------------------------------------


def errors(seen: dict[str, Problem], code: str) -> list[str]:
    """The errors of an element: what is lacking for sure."""
    return [key for key, one in seen.items() if one.code == code and one.severity == "error"]


ALTERNATIVES = "## Other choices {#alternatives}\n\nDrops alone can help. They take a week or more.\n"
NOTHING = "## If you do nothing {#no-treatment}\n\nThe wax may stay, or come out on its own.\n"
FREEDOM = "## Your choice {#voluntary}\n\nYou may say no. You may stop us at any time.\n"


@pytest.mark.parametrize(
    "words",
    [
        "You could also use drops for a week. That is slower, and gentler.",
        "Instead of rinsing, we can lift the wax out with a small tool. It is quicker, but may scratch.",
        "Some people prefer drops. They take longer to work.",
        "One option is drops. They cost less and take a week.",
        "The wax can also be softened with drops, which need more time.",
        "There are also drops, which work more slowly.",
    ],
)
def test_another_choice_is_understood_in_other_words(words: str, found: Callable[..., dict[str, Problem]]) -> None:
    assert not errors(found((ALTERNATIVES, f"## What else there is\n\n{words}\n")), "C11")


@pytest.mark.parametrize(
    "words", ["You can take a shower.", "You may use your phone while you wait.", "Other choices exist. Ask us."]
)
def test_what_names_no_other_choice_does_not_stand_for_one(
    words: str, found: Callable[..., dict[str, Problem]]
) -> None:
    assert "C11 missing-role" in found((ALTERNATIVES, f"## Think it over\n\n{words}\n"))


@pytest.mark.parametrize(
    "words",
    [
        "Not having it may mean that you hear less well for longer.",
        "If you'd rather leave it, the wax may stay the same.",
        "You can hold off. The wax sometimes gets harder.",
        "If it is not treated, the wax may return or get worse.",
        "Living with it does no harm, but hearing may stay dull.",
        "You may decide against it. The wax can then come out on its own.",
    ],
)
def test_doing_nothing_is_understood_in_other_words(words: str, found: Callable[..., dict[str, Problem]]) -> None:
    assert not errors(found((NOTHING, f"## Think it over\n\n{words}\n")), "C12")


@pytest.mark.parametrize("words", ["Nothing to eat is needed before.", "Wait in the hall until we call you."])
def test_what_tells_nothing_of_doing_nothing_does_not_stand_for_it(
    words: str, found: Callable[..., dict[str, Problem]]
) -> None:
    assert "C12 missing-role" in found((NOTHING, f"## Think it over\n\n{words}\n"))


@pytest.mark.parametrize(
    "words",
    [
        "It is up to you. You may change your mind at any point.",
        "You do not have to. You can pull out whenever you like.",
        "The decision is yours. You can stop at any moment.",
        "It is for you to decide. Signing does not commit you.",
        "You have the right to refuse. Your consent can be withdrawn.",
    ],
)
def test_freedom_is_understood_in_other_words(words: str, found: Callable[..., dict[str, Problem]]) -> None:
    assert not errors(found((FREEDOM, f"## Yours to decide\n\n{words}\n")), "C19")


@pytest.mark.parametrize(
    "words",
    [
        "You do not have to fast. Stop your blood thinner five days before.",
        "Here is your form. Tell us before if you feel ill.",
        "It is up to you. You can leave after 20 minutes.",
    ],
)
def test_what_gives_no_freedom_does_not_stand_for_it(words: str, found: Callable[..., dict[str, Problem]]) -> None:
    assert "C19 missing-role" in found((FREEDOM, f"## Think it over\n\n{words}\n"))
