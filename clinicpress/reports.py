"""What the careful editor tells the manager about one document: facts for a page of paper, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from clinicpress.errors import Problem

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
