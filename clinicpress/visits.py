"""The patient and the visit: the only home of facts about a person, and of what can be true of them.

Patient file, `--set`, appointment list and front desk ask here whether facts are possible; each says where it read
them. None of these facts is shown by `repr`, written to a log, or used in a file name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from clinicpress.clinics import FontFace
from clinicpress.errors import Problem
from clinicpress.letters import unprintable_character, unseen_character

FACTS = (
    *("patient.name", "patient.birth_date", "patient.mrn", "patient.language", "encounter.date", "encounter.time"),
    *("encounter.procedure", "encounter.site", "encounter.side", "clinician.name", "clinician.credential"),
)
"""What may be known of every visit, by the names of a patient file. Each stands in one line."""
LONGEST = 2_000  # characters of one fact
OLDEST = 130  # years: nobody lives longer
FURTHEST = 10 * 366  # days between today and a visit: whatever is further away has a wrong year
NO_DAY = ("the date could be read in two ways, or is none.", "Write year-month-day: 1961-04-09.")
NO_TIME = ("this is not a time of day.", "Write hours and minutes: 09:30.")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_LINE_ENDS = "\n\r\v\f\u2028\u2029"


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


# What can be true -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Impossible:
    """A fact that cannot be true of a visit, or cannot be printed.

    `why` is the same in one word: day, future, old, far, unborn, time, long or letters. No message repeats the fact.
    """

    fact: str
    why: str
    message: str
    remedy: str


def impossible(facts: Mapping[str, str], today: date) -> Iterator[Impossible]:
    """What cannot be true of a visit that somebody tells of today. Facts have the names of a patient file.

    Whether something is missing is not asked here: what a file leaves out is written by hand.
    """
    for name, text in facts.items():
        if fault := text_fault(text, lines=name not in FACTS):
            yield Impossible(name, *fault)
        elif name == "encounter.time" and text and not is_time(text):
            yield Impossible(name, "time", *NO_TIME)
        elif name in ("patient.birth_date", "encounter.date") and text and not day_of(text):
            yield Impossible(name, "day", *NO_DAY)
    born, then = day_of(facts.get("patient.birth_date", "")), day_of(facts.get("encounter.date", ""))
    look = "Look it up in the chart."
    if born and born > today:
        yield Impossible("patient.birth_date", "future", "the day of birth is in the future.", look)
    elif born and born.year < today.year - OLDEST:
        message = f"the day of birth is more than {OLDEST} years ago."
        yield Impossible("patient.birth_date", "old", message, look)
    if then and abs((then - today).days) > FURTHEST:
        yield Impossible("encounter.date", "far", "the day is more than ten years away.", "Look at the year.")
    elif born and then and then < born <= today:
        message = "the day is before the patient's day of birth."
        yield Impossible("encounter.date", "unborn", message, "Look both up in the chart.")


def text_fault(text: str, *, lines: bool = False) -> tuple[str, str, str] | None:
    """Why a text cannot be printed: in one word, as a message, and what to do. `lines`: it may have several."""
    if len(text) > LONGEST:
        return "long", f"the text has more than {LONGEST:,} characters.", "Shorten it."
    if text.isprintable() and "\ufffd" not in text:  # nearly all: a morning has thousands of rows
        return None
    if not lines and any(one in text for one in _LINE_ENDS):
        return "letters", "the text has more than one line.", "Write it in one line."
    if fault := unprintable_character(text.replace("\n", " ") if lines else text) or unseen_character(text):
        return "letters", f"the text holds {fault}, which does not print.", "Type it again."
    if "\ufffd" in text:
        return "letters", "the text holds the mark of a letter that was lost (U+FFFD).", "Type it again."
    return None


def day_of(text: str) -> date | None:
    """The day of a text like 1961-04-09; None when it is none."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def is_time(text: str) -> bool:
    """Whether a text is a time of day like 09:30."""
    return _TIME.fullmatch(text) is not None
