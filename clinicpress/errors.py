"""What can go wrong, and the words for it.

Three kinds of failure, no more: the person's input (`Problem`s and the exceptions below, each with an exit code
and a remedy), and our own bug (any other exception, which keeps its traceback).

    PressError                  what the command line turns into a sentence and an exit code
    ├── ContentError    exit 2  a document or a clinic profile has problems; all of them are listed
    ├── InputError      exit 3  wrong usage, or a file or folder that cannot be read or written
    └── RenderError     exit 4  a document could not be rendered
        └── ProofError          it was rendered, and is not what its source says
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error stops the printing, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: what is wrong, where it stands, who says so, and what to do about it.

    `code` is the family letter and a number (S06), `rule` its name, stable for scripts. `line` counts from 1; 0 means
    the file as a whole. `sentence` is the text that is meant, as it stands in the file; it may be empty.
    """

    code: str
    rule: str
    file: str
    line: int
    message: str
    remedy: str
    sentence: str = ""
    source: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.severity} {self.code} {self.rule}: {self.message} {self.remedy}"

    def as_dict(self) -> dict[str, str | int]:
        """The finding as it stands in `check --json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code stands for. `manual` is its page in the manual (`check --explain CODE`)."""

    code: str
    name: str
    manual: str
    source: str = ""
    severity: Severity = Severity.ERROR

    def found(self, file: str, line: int, message: str, remedy: str, sentence: str = "") -> Problem:
        """A finding of this rule."""
        return Problem(self.code, self.name, file, line, message, remedy, sentence, self.source, self.severity)


def sorted_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Findings in the order in which a person works through them: by file, then by line; each once."""
    return tuple(sorted(set(problems), key=lambda p: (p.file, p.line, p.code, p.message)))


class PressError(Exception):
    """Something that a person can put right. The message says what happened and what to do next."""

    exit_code = 1


class ContentError(PressError):
    """A document or a clinic profile has problems. All of them are listed, sorted by place."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted_problems(problems)
        super().__init__("\n".join(map(str, self.problems)))


class InputError(PressError):
    """The command was used wrongly, or a file or folder cannot be read or written."""

    exit_code = 3


class RenderError(PressError):
    """A document could not be rendered. Nothing was written for it."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a finished document: what, where in the source, on which page, and what to do.

    `kind` is a stable word. `page` counts from 1, 0: none. `element` is the id of the HTML element that is meant, so
    that the press can ask for another layout; it may be empty. A message never holds a patient's value.
    """

    kind: str
    message: str
    line: int
    page: int = 0
    element: str = ""
    file: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        on_page = f"page {self.page}: " if self.page else ""
        return f"{place}: {on_page}{self.message} {self.remedy}".rstrip()


MOST_TOLD = 30  # faults that a message names


class SettingError(RenderError):
    """The text engine fails at one way to set a document. Another way may do."""


class ProofError(RenderError):
    """A document was set in pages, and is not what its source says. All faults are told, sorted by place."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        told = list(dict.fromkeys(map(str, self.faults)))
        more = [f"and {len(told) - MOST_TOLD} more."] if len(told) > MOST_TOLD else []
        super().__init__("\n".join([*told[:MOST_TOLD], *more]))


class NoRoomError(RenderError):
    """Values do not fit their boxes. `needed` says how high each box must be, in points; infinite when none can do."""

    def __init__(self, needed: Mapping[str, float]) -> None:
        self.needed = needed
        super().__init__(f"No room for the value of {', '.join(sorted(needed))}.")
