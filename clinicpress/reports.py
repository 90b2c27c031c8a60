"""What the careful editor tells: findings, the most harmful first and none twice; and facts for a page of paper."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from clinicpress.errors import Problem, Severity, sorted_problems

SCORES: Mapping[str, str] = MappingProxyType(
    {
        "smog": "SMOG grade",
        "flesch_kincaid": "Flesch-Kincaid grade",
        "fernandez_huerta": "Fernández Huerta (of 100)",
        "szigriszt_pazos": "Szigriszt Pazos (of 100)",
        "mean_sentence_length": "words a sentence",
        "words": "words",
    }
)
"""How the scores are called."""


class Outcome(StrEnum):
    """What a program can say about a question. It screens; the last word has a person."""

    FOUND = "found"
    MISSING = "missing"
    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not applicable"
    PERSON = "for a person"


@dataclass(frozen=True, slots=True)
class Answer:
    """One question of a checklist (`PEMAT-P 3`), or one element of a consent form (`C11`), and what was found."""

    code: str
    question: str
    verdict: Outcome
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about one document: `scores` as in `check --json`, what was asked, and every finding."""

    title: str
    file: str
    form: str
    revision: str
    review: str
    language: str
    scores: Mapping[str, Any]
    elements: tuple[Answer, ...]
    checklists: tuple[Answer, ...]
    problems: tuple[Problem, ...]


# What to do first -----------------------------------------------------------------------------------------------------

FIRST = 3
"""How many findings are told before all others."""
_WRONG_NUMBERS = (  # what a patient takes or dials comes before what a patient would ask about
    "dose-limit",
    "emergency-number",
    "body-temperature",
    "times",
    "other-phone",
    "latin-dosing",
    "other-clinic",
)
_CORE_PARTS = ("missing-role", "thin-element", "unclear-element", "empty-role", "placeholder")


def _harm(problem: Problem) -> tuple[bool, int, int]:
    """How soon a finding is to be looked at: what stops the print, wrong numbers, missing core parts, the rest.

    Of what stops the print, a profile or a list of words comes first, for it stops every text.
    """
    stops, rule = problem.severity is Severity.ERROR, problem.rule
    if rule in _WRONG_NUMBERS:
        return not stops, 1, _WRONG_NUMBERS.index(rule)
    group = 0 if stops and problem.file.endswith(".toml") else 2 if rule in _CORE_PARTS else 3
    return not stops, group, 0


def by_harm(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Findings in the order in which they are best put right, each once; those of the same weight by their place."""
    return tuple(sorted(sorted_problems(problems), key=_harm))


# One cause, one finding -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SharedCause:
    """Two rules that may see the same thing: then `less` says nothing that `more` does not say better.

    `about` finds what they are about (a role, a key): all that the one names, findings of the other have to name,
    together if need be. Without it they are about the file as a whole.
    """

    less: str
    more: str
    about: str = ""

    def covers(self, less: Problem, problems: Collection[Problem]) -> bool:
        """Whether a finding is said by others. An error is never left to a warning."""
        better = [
            more
            for more in problems
            if (less.file, more.rule) == (more.file, self.more)
            if more.severity is Severity.ERROR or less.severity is Severity.WARNING
        ]
        return bool(better) and self._named(less) <= set().union(*map(self._named, better))

    def applies(self, less: Problem) -> bool:
        """Whether a finding is one that another may say."""
        return less.rule == self.less and (not self.about or bool(self._named(less)))

    def _named(self, problem: Problem) -> set[str]:
        return set(re.findall(self.about, f"{problem.message} {problem.remedy}")) if self.about else set()


_KEY, _ROLE, _HEADING = r"\b(?:author|sources)\b", r"role '([\w-]+)'", r"section '([^']+)'"
CAUSES = (
    SharedCause("missing-key", "unknown-key", r"'([\w.-]+)"),  # the key is there, misspelled
    SharedCause("authorship", "missing-key", _KEY),
    SharedCause("authorship", "unknown-key", _KEY),
    SharedCause("missing-role", "unknown-role", r"'([\w-]+)'"),
    SharedCause("role-not-marked", "block-without-place", _ROLE),
    SharedCause("thin-element", "empty-role", _HEADING),
    SharedCause("unclear-element", "empty-role", _HEADING),
    SharedCause("mean-sentence", "sentence-length"),
    SharedCause("bad-form-number", "placeholder", r"\b(?:TODO|TB[CD]|FIXME|XXX+)\b"),  # no number was given yet
)
"""Which findings of one cause are told once. `check --json` has them all."""


@dataclass(frozen=True, slots=True)
class ToldFinding:
    """A finding as it is told: the first of its run, and the others that say the same of other places of its file."""

    first: Problem
    others: tuple[Problem, ...] = ()

    @property
    def place(self) -> str:
        """Where it stands: the file, with every line of the run."""
        lines = list(dict.fromkeys(str(one.line) for one in (self.first, *self.others) if one.line))
        return f"{self.first.file}:{', '.join(lines)}" if lines else self.first.file

    def also(self) -> Iterator[str]:
        """What the others name that the first does not, each with its line."""
        said = f"{self.first.message} {self.first.remedy}"
        for one in self.others:
            named = dict.fromkeys(_QUOTED.findall(f"{one.message} {one.remedy}"))
            if new := [words for words in named if words not in said]:
                yield f"line {one.line}: {', '.join(new)}" if one.line else ", ".join(new)


_QUOTED = re.compile(r"(?<!\w)'[^']+'(?!\w)")


def told_findings(problems: Collection[Problem]) -> tuple[ToldFinding, ...]:
    """Findings as a person reads them: the most harmful first, one for a cause, a run of the same in a file as one."""
    runs: dict[tuple[str, ...], list[Problem]] = {}
    for one in by_harm(problems):
        if not _said_better(one, problems):
            words = re.sub(r"\d+(?:\.\d+)?", "", _QUOTED.sub("", f"{one.message} {one.remedy}"))
            runs.setdefault((one.file, one.code, one.rule, str(one.severity), words), []).append(one)
    return tuple(ToldFinding(first, tuple(others)) for first, *others in runs.values())


def _said_better(problem: Problem, problems: Collection[Problem]) -> bool:
    causes = [one for one in CAUSES if one.applies(problem)]
    return any(cause.covers(problem, problems) for cause in causes)
