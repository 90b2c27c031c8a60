"""Sheets, diaries and notes: each starter says what its kind asks for, and a fact that is taken out is missed."""

import re
from datetime import date
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.documents import BLOCKS, KINDS, LANGUAGES, Glossary, messages_of
from clinicpress.documents.wordings import classes, faults_of
from clinicpress.errors import Problem, Severity
from clinicpress.legibility import Colours, Line, ReadBack, TagPlace
from clinicpress.lint import NOT_APPROVED, Context, check_document, check_print, scores_of
from clinicpress.lint.elements import applies
from clinicpress.markup import to_html
from clinicpress.orders import Order
from clinicpress.words import SOURCE, words_in
from tests import prints
from tests.starters import bring_passages

ROOT = Path(__file__).parents[1]
STARTER, EXAMPLES = ROOT / "starter", ROOT / "tests" / "kinds"
CONTEXT = Context(date(2026, 12, 1), frozenset(range(32, 0x2100)))
FORBIDDEN = (
    ("new-pills/instructions", "I08", "Take 1 pill BID."),
    ("new-pills/instructions", "I08", "Take 5.0 mg."),
    ("new-pills/instructions", "I09", "Take 2 teaspoons of it."),
    ("new-pills/instructions", "I90", "Non-compliant patients are not seen again."),
    ("my-medicines/diary", "I92", "Take it PRN."),
    ("my-medicines/diary", "I93", "Take 2 teaspoons of it."),
    ("privacy/notice", "O11", "For reproductive health care we need an attestation."),
    ("privacy/notice", "O90", "You give up your right to complain."),
    ("right-to-estimate/notice", "O91", "I agree to pay all of it."),
    ("stiff-knee/condition", "J90", "It is your own fault."),
    ("stiff-knee/comparison", "Z03", "The brace is our most popular choice."),
    ("back-to-work/note", "W90", "The patient has the flu and cannot work."),
    ("back-to-work/note", "W90", "::: fields\n- Diagnosis: text {note.why}\n:::"),
    ("back-to-work/note", "W91", "Her mother had cancer."),
    ("back-to-work/note", "W92", "::: fields\n- Record number: text {note.number}\n:::"),
)
"""What must not stand in a text of a kind, and the row that finds it."""
Cuts = dict[str, tuple[str, ...]]
FACTS: dict[str, Cuts] = {
    "getting-ready/instructions": {
        "I01": ("#steps",),
        "I03": ("#when-to-call",),
        "I16": ("#bring", "If you like, bring a friend"),
    },
    "small-wound/instructions": {
        "I01": ("#steps",),
        "I03": ("#when-to-call",),
        "I14": ("#normal",),
    },
    "after-visit/after-visit": {
        "I01": ("#steps",),
        "I03": ("#when-to-call",),
        "I14": ("#normal",),
        "I15": ("#next-visit",),
        "I18": ("#medicines",),
    },
    "my-medicines/diary": {
        "I21": ("blocks: [whose, allergies]",),
        "I22": ("#how",),
        "I23": ("Carry this list",),
        "I25": ("#overdose",),
        "I26": ("Use mL",),
        "I27": ("#storing",),
        "I28": ("#disposing",),
        "I29": ("Many things for pain",),
    },
    "right-to-estimate/notice": {
        "O30": ("#who",),
        "O31": ("#when",),
        "O32": ("We give it to you in writing",),
        "O33": ("#dispute",),
        "O34": ("#contact",),
        "O35": ("#dispute",),
    },
    "privacy/notice": {
        "O01": ("THIS NOTICE DESCRIBES",),
        "O02": ("in effect from",),
        "O03": ("To run our clinic",),
        "O05": ("#complaints",),
        "O06": ("#authorizations",),
        "O07": ("Get a list",),
        "O08": ("#duties",),
        "O09": ("#changes",),
        "O10": ("#contact",),
    },
    "fair-care/notice": {"O20": ("worse for race",), "O21": ("#help",), "O22": ("#complaints",)},
    "new-pills/instructions": {
        "I01": ("#steps",),
        "I03": ("#when-to-call",),
        "I06": ("#next-visit",),
        "I07": ("White pill", "Red pill"),
    },
    "soft-food/instructions": {
        "I01": ("#steps", "#food"),
        "I03": ("#when-to-call",),
        "I11": ("#food", "Drink a glass"),
        "I17": ("#food", "Do not eat chips", "Drink a glass"),
    },
    "stiff-knee/instructions": {
        "I01": ("#steps", "#exercises"),
        "I03": ("#when-to-call",),
        "I10": ("Hold for 5 seconds",),
    },
    "stiff-knee/diary": {"I21": ("blocks: [whose]",), "I23": ("Bring this page",)},
    "stiff-knee/condition": {
        "J01": ("#definition",),
        "J02": ("#self-care",),
        "J03": ("#when-to-call",),
        "J04": ("#signs",),
    },
    "stiff-knee/comparison": {
        "Z01": ("#choices",),
        "Z04": ("#uncertainty",),
        "Z05": ("#matters",),
        "Z06": ("What may go wrong",),
    },
    "back-to-work/note": {
        "W01": ("blocks: [time-away, limits, signed-by]",),
        "W02": ("#absence",),
        "W03": ("#abilities",),
        "W04": ("blocks: [person, time-away, limits]",),
        "W05": ("#questions",),
    },
}
"""What is taken out of a starter, and the row that misses it.

Sections are named by their role, lines by their words, blocks by the row of the header that leaves them out.
"""


def cut(text: str, what: str) -> str:
    """A text without a section, without the line that holds these words, or without a block."""
    if what.startswith("blocks:"):
        less = re.sub(r"\nblocks:.*", "", text).replace("\nlanguage: en\n", f"\nlanguage: en\n{what}\n")
    elif what.startswith("#"):
        pattern = rf"^## [^\n]*\{{{what}\b.*?(?=^## |\Z)"
        less = re.sub(pattern, "", text, flags=re.MULTILINE | re.DOTALL)
    else:
        less = re.sub(rf"^[^\n]*{re.escape(what)}[^\n]*\n", "", text, flags=re.MULTILINE)
    assert less != text, what
    return less


def found(text: str, kind: str, folder: Path) -> list[Problem]:
    """What is wrong with a text."""
    path = folder / "topic" / f"{kind}.en.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    bring_passages(folder)
    (document,), problems = library.read_library(folder)
    return [*problems, *check_document(document, CONTEXT)]


def starter(name: str) -> tuple[str, str]:
    """The text of a starter, or of an example where there is no starter, and its kind."""
    return path_of(name).read_text(encoding="utf-8"), name.partition("/")[2]


def path_of(name: str) -> Path:
    return next(path for folder in (STARTER, EXAMPLES) if (path := folder / f"{name}.en.md").is_file())


@pytest.mark.parametrize("name", FACTS)
def test_an_untouched_text_has_no_error_few_warnings_and_an_easy_grade(name: str, tmp_path: Path) -> None:
    text, kind = starter(name)
    problems = [one for one in found(text, kind, tmp_path) if one.code != NOT_APPROVED.code]
    assert not [one for one in problems if one.severity is Severity.ERROR]
    assert len(problems) <= 3, problems
    scores = scores_of(library.read_document(path_of(name)), Glossary())
    assert (
        STARTER not in path_of(name).parents or max(scores["smog"], scores["flesch_kincaid"]) <= KINDS[kind].grades[0]
    )


@pytest.mark.parametrize(("name", "code"), [(name, code) for name, facts in FACTS.items() for code in facts])
def test_a_fact_that_is_taken_out_is_missed(name: str, code: str, tmp_path: Path) -> None:
    text, kind = starter(name)
    assert code not in {one.code for one in found(text, kind, tmp_path)}
    for what in FACTS[name][code]:
        text = cut(text, what)
    assert code in {one.code for one in found(text, kind, tmp_path)}


@pytest.mark.parametrize(("name", "code", "words"), FORBIDDEN)
def test_what_must_not_be_said_is_found(name: str, code: str, words: str, tmp_path: Path) -> None:
    text, kind = starter(name)
    assert code not in {one.code for one in found(text, kind, tmp_path)}
    assert code in {one.code for one in found(f"{text}\n{words}\n", kind, tmp_path)}


@pytest.mark.parametrize("name", FACTS)
def test_every_core_element_of_a_starter_is_tried(name: str) -> None:
    kind = KINDS[name.partition("/")[2]]
    document = library.read_document(path_of(name))
    core = {code for code, one in kind.elements.items() if one.core and applies(document, code)}
    assert {code for code in core if set(kind.elements[code].tests) != {"never"}} <= set(FACTS[name])


@pytest.mark.parametrize("kind", sorted({name.partition("/")[2] for name in FACTS}))
def test_the_turns_of_phrase_of_a_kind_say_what_their_sentences_say(kind: str) -> None:
    assert [(name, fault) for name, row in KINDS[kind].phrases.items() for fault in faults_of(row)] == []
    assert not set(KINDS[kind].phrases) & set(classes()["en"])


def test_a_kind_that_extends_one_with_questions_keeps_them() -> None:
    """What goes is named; a question is no name."""
    assert KINDS["after-visit"].confirm == KINDS["instructions"].confirm != ()
    assert "I16" not in KINDS["after-visit"].elements


@pytest.mark.parametrize("kind", sorted({name.partition("/")[2] for name in FACTS}))
def test_what_a_kind_prints_is_there_in_every_language(kind: str) -> None:
    """A word that is missing stops the printing: `RenderError`."""
    own = KINDS[kind]
    blocks = [block for name, block in own.known_blocks.items() if name not in BLOCKS]
    printed = [own.called, own.on_page, *own.places.values(), *(text for one in blocks for text in messages_of(one))]
    for language in (one for one in LANGUAGES if one != SOURCE):
        assert all(own.said(text, words_in(language)) for text in printed if text)


@pytest.mark.parametrize("kind", sorted({name.partition("/")[2] for name in FACTS}))
def test_no_two_blocks_that_a_kind_offers_ask_for_the_same(kind: str) -> None:
    """A new text begins with all of them."""
    own = KINDS[kind]
    names = [field.name for block in own.offered for field in own.known_blocks[block].fields]
    assert len(names) == len(set(names))


# On the page ----------------------------------------------------------------------------------------------------------


def html_of(name: str, size: Print = Print.STANDARD) -> str:
    """A text as a page, before it is set."""
    order = Order(
        library.read_document(path_of(name)), prints.clinic("shipped"), PageProfile(Paper.LETTER, size), prints.fonts()
    )
    return to_html(order).html


@pytest.mark.parametrize("size", Print)
def test_only_what_is_signed_says_do_not_sign(size: Print) -> None:
    for name in ("after-visit/after-visit", "my-medicines/diary", "small-wound/instructions"):
        assert "DRAFT: not approved" in html_of(name, size)
        assert "o not sign" not in html_of(name, size), name
    assert "o not sign" in html_of("back-to-work/note", size)


def test_a_note_has_no_room_for_a_label_with_a_record_number() -> None:
    assert "label-zone" not in html_of("back-to-work/note")
    assert "label-zone" in html_of("after-visit/after-visit")


def test_a_heading_that_is_higher_than_the_words_beside_it_keeps_off_the_line_to_sign() -> None:
    assert re.search(
        r'statement"[^>]*><div class="hang low"><h2>5. Signature of the clinician', html_of("back-to-work/note")
    )


def test_the_heads_of_a_table_to_fill_are_labels_and_may_be_as_small_as_these() -> None:
    page = PageProfile(Paper.LETTER, Print.STANDARD)
    diary = library.read_document(path_of("my-medicines/diary"))
    ink = (Colours("#000000", "#ffffff"),)

    def small(text: str) -> bool:
        line = Line(1, text, 11, 11, 72, 400, ink, TagPlace.CELL, 7)
        return "B09" in {one.code for one in check_print(ReadBack(diary, page, (line,)), CONTEXT)}

    assert not small("Who ordered it")
    assert small("Who ordered it today")
