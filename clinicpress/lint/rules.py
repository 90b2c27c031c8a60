"""How a rule is written, and how its finding weighs where the clinic is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from inspect import cleandoc
from typing import Generic, Protocol, TypeVar

from clinicpress.clinics import ClinicProfile
from clinicpress.documents import Glossary
from clinicpress.errors import Problem, Rule, Severity

Subject = TypeVar("Subject")
Subject_contra = TypeVar("Subject_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know beside its subject: the day it is taken to be, what the fonts can write, medical terms."""

    today: date
    writable: frozenset[int] = field(repr=False)
    glossary: Glossary = field(default=Glossary(), repr=False)
    clinic: ClinicProfile | None = field(default=None, repr=False)
    """The clinic that hands the documents out; its `jurisdiction` says how rules weigh there."""


class Finder(Protocol[Subject_contra]):
    """A rule's own function."""

    __doc__: str | None

    def __call__(self, rule: Rule, subject: Subject_contra, context: Context, /) -> Iterator[Problem]:
        """Yields what it finds in a document or a profile."""
        ...


@dataclass(frozen=True, slots=True)
class Check(Generic[Subject]):
    """A rule that can be run: what it stands for, and how it looks."""

    rule: Rule
    find: Finder[Subject]

    def __call__(self, subject: Subject, context: Context) -> Iterator[Problem]:
        """Yields what the rule finds."""
        return self.find(self.rule, subject, context)


def rule(
    code: str, name: str, *, source: str = "", severity: Severity = Severity.ERROR
) -> Callable[[Finder[Subject]], Check[Subject]]:
    """Makes a rule of a function. The function's docstring is the rule's manual."""

    def make(find: Finder[Subject]) -> Check[Subject]:
        return Check(Rule(code, name, cleandoc(find.__doc__ or ""), source, severity), find)

    return make
