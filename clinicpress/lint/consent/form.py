"""A consent form as a reader takes it in: its passages, what they announce, and what they say."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from clinicpress.documents import ConsentForm
from clinicpress.lint.phrases import HEADINGS, POINTS_ELSEWHERE, SPOKEN, Passage, passages, said
from clinicpress.lint.rules import Context


@dataclass(frozen=True, slots=True)
class Form:
    """A consent form as a reader takes it in: its passages, and whether its language is understood."""

    document: ConsentForm
    passages: tuple[Passage, ...]
    after_hours: bool

    @property
    def understood(self) -> bool:
        """Whether the turns of phrase of its language are known."""
        return self.document.language in SPOKEN

    def marked(self, *roles: str) -> tuple[Passage, ...]:
        """The passages that have one of these roles."""
        return tuple(passage for passage in self.passages if set(passage.roles) & set(roles))

    def unmarked(self, role: str, hosts: Collection[str] = ()) -> Iterator[tuple[Passage, bool]]:
        """The passages that could say what a role stands for without having it, and whether their heading promises it.

        A passage that by role or heading is about something else is passed over, unless that is among the `hosts`.
        """
        for passage in self.passages:
            promised = bool(passage.heading) and said(HEADINGS[role], passage.heading)
            about = set(passage.roles) or set(announced(passage.heading))
            if promised or about <= {role, *hosts}:
                yield passage, promised


@lru_cache(maxsize=200)
def announced(heading: str) -> tuple[str, ...]:
    """The roles that a heading announces in its own words."""
    return tuple(role for role, pattern in HEADINGS.items() if heading and said(pattern, heading))


def form_of(document: ConsentForm, context: Context) -> Form:
    """A consent form as a reader takes it in."""
    return Form(document, passages(document), context.clinic is not None and bool(context.clinic.after_hours))


def words_in(sentence: str) -> list[str]:
    """The words of a sentence."""
    return re.findall(r"[\w’'-]+", sentence)


def told_in(passage: Passage) -> list[str]:
    """The sentences of a passage that do not only point elsewhere."""
    return [one for _, one in passage.spoken if not said(POINTS_ELSEWHERE, one)]
