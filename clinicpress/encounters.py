"""The patient and the visit: the only home of facts about a person.

None of these facts is shown by `repr`, written to a log, or used in a file name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from clinicpress.clinics import FontFace
from clinicpress.errors import Problem


@dataclass(frozen=True, slots=True)
class Encounter:
    """What is known for one visit when a document is printed: printed texts by the names of the fields they go into.

    `source` says where they came from (a file, or the command line), for findings. `faces` are the typefaces of other
    scripts that the values need.
    """

    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    source: str = ""
    faces: tuple[FontFace, ...] = ()


NOTHING_KNOWN = Encounter()
"""The encounter of a blank form."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One row of a roster: who comes, when, and for what.

    `row` is the row as a person counts it: the line where it starts, or the number of the row in the sheet. `facts`
    have the names of a patient file (`patient.name`) and hold only what is given; days are 1961-04-09, times 09:30.
    `cells` are the row as it was.
    """

    row: int
    facts: Mapping[str, str] = field(repr=False)
    procedure: str = field(repr=False)
    language: str = field(repr=False)
    cells: tuple[str, ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row of a roster that is not printed, and why.

    Each problem names the column and the reason, never what stands there. `cells` are the row as it was.
    """

    row: int
    problems: tuple[Problem, ...]
    cells: tuple[str, ...] = field(repr=False)
