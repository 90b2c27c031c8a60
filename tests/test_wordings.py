"""Classes of wording say what they hold: each has sentences of both sorts, and one that says otherwise is refused."""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from clinicpress.documents import KINDS
from clinicpress.documents.wordings import FEWEST, classes, faults_of, wording, wording_of

SHIPPED = {
    **{f"{tag}/{name}": row for tag, rows in classes().items() for name, row in rows.items()},
    **{f"{kind}/{name}": row for kind, one in KINDS.items() for name, row in one.phrases.items()},
}
"""All classes that ship: those of the languages, and those in the row of a kind."""
SOUND = {
    "patterns": [r"\bmay (?:run|swim)\b"],
    "yes": ["You may run.", "He may swim.", "She may run.", "They may swim.", "I may run a mile."],
    "no": ["Rest at home.", "Come in May.", "Call us.", "Do not run.", "We are open."],
}
LONG_LINES = ("a", "a ", "the patient may not sign ", "we will send your records to the clinic and pay the bill ")


def _asked_for(tests: Any) -> Iterator[str]:
    """The classes that the tests of an element name, at any depth."""
    if isinstance(tests, Mapping):
        yield from (name.strip() for name in str(tests.get("says", "")).split("|") if name.strip())
        tests = list(tests.values())
    if isinstance(tests, list | tuple):
        for one in tests:
            yield from _asked_for(one)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_class_holds_its_sentences_and_no_others(name: str) -> None:
    assert list(faults_of(SHIPPED[name])) == []
    assert SHIPPED[name].get("about")


def test_each_class_that_a_kind_names_exists() -> None:
    elements = [(kind, row) for kind, one in KINDS.items() for row in one.elements.values()]
    named = {(kind, name) for kind, row in elements for name in _asked_for(row.tests)}
    assert named
    assert [(kind, name) for kind, name in sorted(named) if wording(name, "en", KINDS[kind].phrases) is None] == []


def test_no_part_is_left_unnamed() -> None:
    patterns = [one for row in SHIPPED.values() for key in ("patterns", "unless") for one in row.get(key, ())]
    assert patterns
    assert [one for one in patterns if "<<" in one] == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"patterns": []}, "has no patterns"),
        ({"patterns": ["(run"]}, "cannot be read"),
        ({"yes": SOUND["yes"][: FEWEST - 1]}, "under 'yes'"),
        ({"no": [SOUND["no"][0]] * FEWEST}, "under 'no'"),
        ({"yes": [*SOUND["yes"], "You can run."]}, "does not match “You can run.”"),
        ({"no": [*SOUND["no"], "You may swim."]}, "matches “You may swim.”"),
        ({"unless": ["mile"]}, "does not match “I may run a mile.”"),
    ],
)
def test_a_class_whose_sentences_say_otherwise_is_refused(change: Mapping[str, Any], fault: str) -> None:
    assert list(faults_of(SOUND)) == []
    assert any(fault in one for one in faults_of({**SOUND, **change}))


@pytest.mark.parametrize(
    "sentence", ["You won't pay.", "You won’t pay.", "You will not pay.", "YOU WILL NOT PAY.", "You'll never pay."]
)
def test_short_forms_and_apostrophes_are_read_as_what_they_stand_for(sentence: str) -> None:
    assert wording_of({"patterns": [r"\bwill (?:not|never) pay\b"]}).said_in(sentence)


def test_a_pattern_may_name_a_short_form() -> None:
    short = wording_of({"patterns": [r"\bwon’t pay\b"]})
    assert short.said_in("You won't pay.")
    assert not short.said_in("You will pay.")


def test_a_pattern_may_go_over_several_lines() -> None:
    assert wording_of({"patterns": ["\\bmay (?:run\n        |swim)"]}).said_in("You may swim.")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_long_line_takes_no_longer_than_its_length(name: str) -> None:
    patterns = [one for key in ("patterns", "unless") for one in SHIPPED[name].get(key, ())]
    for pattern in (re.compile(re.sub(r"\n *", "", one), re.IGNORECASE) for one in patterns):
        for line in ((one * 20_000)[:20_000] for one in LONG_LINES):
            assert any(_seconds(pattern, line) < 0.05 for _ in range(5)), pattern.pattern


def _seconds(pattern: re.Pattern[str], line: str) -> float:
    begin = time.process_time()
    pattern.search(line)
    return time.process_time() - begin
