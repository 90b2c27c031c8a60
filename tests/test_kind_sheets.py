"""Sheets, diaries and notes: each starter says what its kind asks for, and a fact that is taken out is missed."""

import re
from datetime import date
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.documents import KINDS, Glossary
from clinicpress.documents.wordings import classes, faults_of
from clinicpress.errors import Problem, Severity
from clinicpress.lint import NOT_APPROVED, Context, check_document, scores_of
from clinicpress.lint.elements import applies

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "starter"
CONTEXT = Context(date(2026, 12, 1), frozenset(range(32, 0x2100)))
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
        "N01": ("blocks: [whose, allergies]",),
        "N02": ("#how",),
        "N03": ("Carry this list",),
        "N05": ("#overdose",),
        "N06": ("Use mL",),
        "N07": ("#storing",),
        "N08": ("#disposing",),
        "N09": ("Many things for pain",),
    },
    "right-to-estimate/notice": {
        "O30": ("#who",),
        "O31": ("#when",),
        "O32": ("We give it to you in writing",),
        "O33": ("#dispute",),
        "O34": ("#contact",),
        "O35": ("#dispute",),
    },
}
"""What is taken out of a starter, and the row that misses it.

Sections are named by their role, lines by their words, blocks by the row of the header that leaves them out.
"""


def cut(text: str, what: str) -> str:
    """A text without a section, without the line that holds these words, or without a block."""
    if what.startswith("blocks:"):
        less = text.replace("\nlanguage: en\n", f"\nlanguage: en\n{what}\n")
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
    (document,), problems = library.read_library(folder)
    return [*problems, *check_document(document, CONTEXT)]


def starter(name: str) -> tuple[str, str]:
    """The text of a starter, and its kind."""
    return (STARTER / f"{name}.en.md").read_text(encoding="utf-8"), name.partition("/")[2]


@pytest.mark.parametrize("name", FACTS)
def test_a_starter_has_no_error_few_warnings_and_an_easy_grade(name: str, tmp_path: Path) -> None:
    text, kind = starter(name)
    problems = [one for one in found(text, kind, tmp_path) if one.code != NOT_APPROVED.code]
    assert not [one for one in problems if one.severity is Severity.ERROR]
    assert len(problems) <= 3, problems
    scores = scores_of(library.read_document(STARTER / f"{name}.en.md"), Glossary())
    assert max(scores["smog"], scores["flesch_kincaid"]) <= KINDS[kind].grades[0]


@pytest.mark.parametrize(("name", "code"), [(name, code) for name, facts in FACTS.items() for code in facts])
def test_a_fact_that_is_taken_out_is_missed(name: str, code: str, tmp_path: Path) -> None:
    text, kind = starter(name)
    assert code not in {one.code for one in found(text, kind, tmp_path)}
    for what in FACTS[name][code]:
        text = cut(text, what)
    assert code in {one.code for one in found(text, kind, tmp_path)}


@pytest.mark.parametrize("name", FACTS)
def test_every_core_element_of_a_starter_is_tried(name: str) -> None:
    kind = KINDS[name.partition("/")[2]]
    document = library.read_document(STARTER / f"{name}.en.md")
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
