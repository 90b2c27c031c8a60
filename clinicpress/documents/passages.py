"""Passages: words that stand in many documents, are written once, and are looked at where they were written.

A block that came from a passage knows two lines: that on which the document asks for the passage, and its own in the
file of the passage. Both are in one number, so that whatever tells of a line need not know of passages; whoever names a
file asks `spot_of` which one is meant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

PASSAGES = "passages"
"""The folder of a library that holds passages, and is no topic."""
_LINES = 1 << 20  # more lines than a text of a million bytes has


@dataclass(frozen=True, slots=True)
class PassageUse:
    """A passage that stands in a document: its name and file, and the line on which the document asks for it.

    `each` says whether it has to be looked at again in every document when it was changed. `behind` is why its
    translation is not current: the code of the rule, and what it says; None when it is.
    """

    name: str
    file: Path
    line: int
    digest: str
    review_by: date
    each: bool = False
    behind: tuple[str, str] | None = None


class WithPassages(Protocol):
    """Anything that has a file and passages, as a document has."""

    @property
    def file(self) -> Path:
        """Its own file."""
        ...

    @property
    def passages(self) -> tuple[PassageUse, ...]:
        """What it asks for."""
        ...


def line_within(use: int, line: int) -> int:
    """The number for a line of a passage that a document asks for on the line `use`."""
    return use * _LINES + line


def own_line(line: int) -> int:
    """The line in the document's own file: for words of a passage, that on which it is asked for."""
    return line // _LINES or line


def spot_of(document: WithPassages, line: int) -> tuple[Path, int]:
    """The file and the line that a line of a document stands for."""
    use, within = divmod(line, _LINES)
    found = next((one for one in document.passages if one.line == use), None) if use else None
    return (found.file, within) if found is not None else (document.file, own_line(line))


def files_of_text(document: WithPassages) -> set[str]:
    """The files that a document's words stand in: its own, and those of its passages."""
    return {str(document.file), *(str(one.file) for one in document.passages)}


def told_places(places: Iterable[tuple[Path, int]], most: int = 3) -> str:
    """Where a passage stands, in a few words: 'used in 14 documents: neurotherapy/consent.en.md:88, …'."""
    found = sorted(set(places))
    count = len({file for file, _ in found})
    shown = [f"{file.parent.name}/{file.name}:{line}" for file, line in found[:most]]
    more = ", …" if len(found) > most else ""
    return f"Used in {count} document{'s' if count != 1 else ''}: {', '.join(shown)}{more}."
