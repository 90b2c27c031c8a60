"""What is known of a printer and of a print job, and what a print is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from clinicpress.clinics import Paper
from clinicpress.errors import InputError

MOST_COPIES = 99  # of one document; more is a slip of the finger

# Source: PWG 5101.1, "Media Standardized Names".
MEDIA: Mapping[Paper, str] = MappingProxyType({Paper.LETTER: "na_letter_8.5x11in", Paper.A4: "iso_a4_210x297mm"})


class Sides(StrEnum):
    """Which sides of a sheet are printed, and over which edge it is turned. Source: RFC 8011, 5.2.8."""

    ONE = "one-sided"
    LONG = "two-sided-long-edge"
    SHORT = "two-sided-short-edge"


class PrinterState(StrEnum):
    """Whether a printer waits, works, or cannot. Source: RFC 8011, 5.4.11."""

    IDLE = "idle"
    PRINTING = "printing"
    STOPPED = "stopped"


class JobState(StrEnum):
    """How far a print job is. Source: RFC 8011, 5.3.7."""

    PENDING = "pending"
    HELD = "held"
    PRINTING = "printing"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FAILED = "failed"
    DONE = "done"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self in (JobState.CANCELLED, JobState.FAILED, JobState.DONE)


@dataclass(frozen=True, slots=True)
class Printer:
    """A print queue as CUPS knows it.

    `reasons` are IPP keywords without "none"; `message` is what the printer says itself, in English. `sides` and
    `media` are what it can do, as IPP calls it; empty: nobody knows. `group`: several printers under one name.
    """

    name: str
    info: str
    location: str
    state: PrinterState
    reasons: tuple[str, ...]
    message: str
    accepting: bool
    default: bool
    sides: tuple[str, ...]
    media: tuple[str, ...]
    media_default: str
    group: bool = False

    def takes(self, paper: Paper) -> bool:
        """Whether it takes this paper, as far as is known."""
        return not self.media or MEDIA[paper] in self.media

    def prints_on(self, sides: Sides) -> bool:
        """Whether it can print like this, as far as is known. One side is always possible."""
        return sides is Sides.ONE or not self.sides or sides in self.sides


@dataclass(frozen=True, slots=True)
class Job:
    """A print job as CUPS knows it. It has no title here: whoever sent it knows what it is.

    `sheets` are those that were handed to the printer; what came out, only the printer knows. `reasons` are those of
    the job and of the printer while it works on it.
    """

    number: int
    printer: str
    state: JobState
    reasons: tuple[str, ...]
    sheets: int
    message: str


class PrintingError(InputError):
    """Something cannot be printed, or nothing is known of it any more; it says what to do next.

    `sentence` is one of `printers.REFUSALS`, in English and with places in braces, so that it can be translated;
    `facts` is what stands in the places. No fact about a patient is among them.
    """

    def __init__(self, sentence: str, **facts: str) -> None:
        self.sentence = sentence
        self.facts: Mapping[str, str] = MappingProxyType(facts)
        super().__init__(sentence.format(**facts))
