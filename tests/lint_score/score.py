"""How well the careful editor finds what was planted: a table by code, with recall and precision. `make lint-score`.

The elements that have to be read are summed by themselves, and first come documents that nothing was ever tuned on
(`tests/lint_fresh`); the others are those that the editor learns from.

Each folder beside this file holds a small library and `expected.toml`, written by somebody who had not seen the rules:
`missing` names what the document lacks, `present_in_other_words` what must not be called missing, `language` the
sentences that a rule about language has to find. A finding is counted once a document and code (language: a sentence).
"""

import re
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from clinicpress import library
from clinicpress.errors import Problem
from clinicpress.lint import WEIGHED, Context, check_document

SET = Path(__file__).parent
BLIND = SET.parent / "lint_blind"
FRESH = SET.parent / "lint_fresh"
READ = WEIGHED
"""The elements of consent that are told in words, so that they have to be read."""
ROOT = SET.parents[1]
TODAY = date(2026, 12, 1)
REQUIRED = frozenset(
    f"C{number:02}" for number in (1, 2, 4, 5, 7, 8, 9, 11, 12, 13, 14, 17, 19, 20, 23, 24, 25, 35)
)  # weight R in the table of consent elements
LANGUAGE_RULES = ("claims", "sentence-length", "jargon", "address", "numbers", "placeholder")
SAME = 0.6  # this part of the words of the shorter one: the same sentence


@dataclass
class Tally:
    """What was planted, found of it, and found beside it, by code."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, case: str, planted: set[str], found: set[str]) -> None:
        """Counts one document."""
        self.planted.update(planted)
        self.found.update(planted & found)
        self.false.update(found - planted)
        self.notes += [f"{case}: {code} was not found" for code in sorted(planted - found)]
        self.notes += [f"{case}: {code} was not planted" for code in sorted(found - planted)]

    def recall(self, *codes: str) -> float:
        """The part of what was planted that was found; of some codes, or of all."""
        planted = sum(count for code, count in self.planted.items() if not codes or code in codes)
        found = sum(count for code, count in self.found.items() if not codes or code in codes)
        return found / planted if planted else 1.0

    def precision(self, *codes: str) -> float:
        """The part of what was found that was planted."""
        found = sum(count for code, count in self.found.items() if not codes or code in codes)
        false = sum(count for code, count in self.false.items() if not codes or code in codes)
        return found / (found + false) if found + false else 1.0


@dataclass
class Score:
    """The three tables: elements of consent, sections of handouts, language."""

    elements: Tally = field(default_factory=Tally)
    sections: Tally = field(default_factory=Tally)
    language: Tally = field(default_factory=Tally)


@cache
def findings(case: Path) -> tuple[Problem, ...]:
    """Everything that reading and checking the library of one case finds."""
    fonts = library.read_fonts(ROOT / "fonts")
    clinic = library.read_clinic(ROOT / "tests/lint/B01/good/clinic.toml", {face.family for face in fonts})
    glossary, _ = library.read_glossary((ROOT / "handouts",))
    writable = frozenset().union(*(face.coverage for face in fonts))
    context = Context(TODAY, writable, glossary=glossary, clinic=clinic)
    documents, problems = library.read_library(case)
    return (*problems, *(problem for document in documents for problem in check_document(document, context)))


def score(folder: Path = SET) -> Score:
    """Reads all cases and counts."""
    total = Score()
    for expected in sorted(folder.glob("*/expected.toml")):
        case = expected.parent
        told = tomllib.loads(expected.read_text(encoding="utf-8"))
        problems = findings(case)
        missing = set(told["missing"])
        kinds = {path.name.split(".")[0] for path in case.glob("*/*.md")}
        if "consent" in kinds:
            codes = {one.code for one in problems if one.code.startswith("C")}
            total.elements.add(case.name, {one for one in missing if one.startswith("C")}, codes)
        roles = {
            f"role:{found[1]}"
            for one in problems
            if one.code == "S06" and (found := re.search(r"'(.+?)'", one.message))
        }
        total.sections.add(case.name, {one for one in missing if one.startswith("role:")}, roles)
        _count_language(total.language, case.name, told, problems)
    return total


def _count_language(tally: Tally, case: str, told: dict[str, object], problems: tuple[Problem, ...]) -> None:
    """Counts sentences: each planted one is found once, and each finding beside them is false."""
    planted = [(one["rule"], one["sentence"]) for one in told.get("language", [])]  # type: ignore[attr-defined]
    open_ = list(planted)
    for rule, sentence in sorted({(one.rule, one.sentence) for one in problems if one.rule in LANGUAGE_RULES}):
        hits = [one for one in planted if one[0] == rule and same(one[1], sentence)]
        if not hits:
            tally.false[rule] += 1
            tally.notes.append(f"{case}: {rule} was not planted: {sentence}")
        for hit in hits:
            if hit in open_:
                open_.remove(hit)
    for rule, sentence in planted:
        tally.planted[rule] += 1
        tally.found[rule] += (rule, sentence) not in open_
    tally.notes += [f"{case}: {rule} was not found: {sentence}" for rule, sentence in open_]
    grade = {one.rule for one in problems} & {"reading-grade"}
    if told.get("reading_grade") == "above":
        tally.planted["reading-grade"] += 1
        tally.found["reading-grade"] += bool(grade)
        tally.notes += [] if grade else [f"{case}: reading-grade was not found"]
    elif grade and told.get("reading_grade") == "below":
        tally.false["reading-grade"] += 1
        tally.notes.append(f"{case}: reading-grade was not planted")


def same(one: str, other: str) -> bool:
    """Whether two sentences are the same or one holds the other, by their words."""
    first, second = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    shorter = min(len(first), len(second))
    return shorter > 0 and len(first & second) / shorter >= SAME


def table(title: str, tally: Tally, sums: Mapping[str, Collection[str]] = MappingProxyType({})) -> list[str]:
    """A table for people, with a row for each sum of codes."""
    rows = [f"{title:<22}{'planted':>8}{'found':>7}{'false':>7}{'recall':>8}{'precision':>11}"]
    codes = sorted(tally.planted.keys() | tally.false.keys())
    for name, some in ({code: [code] for code in codes} | dict(sums) | {"all": codes}).items():
        counts = "".join(
            f"{sum(one[code] for code in some):>{width}}"
            for one, width in ((tally.planted, 8), (tally.found, 7), (tally.false, 7))
        )
        rows.append(f"{name:<22}{counts}{tally.recall(*some):>8.2f}{tally.precision(*some):>11.2f}")
    return rows


def sums_of(tally: Tally) -> Mapping[str, Collection[str]]:
    """Codes that are summed: those that have to be read, the others, and the required ones."""
    others = [code for code in tally.planted.keys() | tally.false.keys() if code not in READ]
    return {"have to be read": READ, "others": others, "required (R)": sorted(REQUIRED)}


def main() -> None:
    """Prints the tables; --notes: also what was missed and what was wrongly found in the sets that are learned from."""
    lines: list[str] = []
    for title, folder in (("FRESH", FRESH), ("LEARNED FROM", SET), ("LEARNED FROM, SECOND", BLIND)):
        total = score(folder)
        lines += ["", title, "", *table("element", total.elements, sums_of(total.elements))]
        lines += ["", *table("section of a handout", total.sections), "", *table("language", total.language)]
        if "--notes" in sys.argv and folder != FRESH:
            lines += ["", *total.elements.notes, *total.sections.notes, *total.language.notes]
    sys.stdout.write("\n".join(lines[1:]) + "\n")


if __name__ == "__main__":
    main()
