"""A printer as a destination: documents are handed to the print service and followed to their end.

The command line does so while somebody waits, the front desk beside its pages; how a print ended, the record hears from
both in the same words.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from clinicpress.clinics import Paper
from clinicpress.issued import Issued, Receipt
from clinicpress.printers import REFUSALS, Job, JobState, Printer, PrintingError, PrintServer, Sides, sentences, told
from clinicpress.record import Did

# A job is looked after every so many seconds, until it is so many seconds old. Then nobody waits for it any more.
GAPS = ((10.0, 0.5), (120.0, 1.0), (3600.0, 5.0), (86_400.0, 30.0))

End = tuple[Did, dict[str, str]]
"""A deed, and beside it a word that says why, where there is one."""

# Why something was not printed: the name of the sentence that was shown.
REASONS = {
    sentence: name.lower().replace("_", "-")
    for name, sentence in vars(sentences).items()
    if name.isupper() and isinstance(sentence, str) and sentence in REFUSALS
}


@dataclass(frozen=True, slots=True)
class PrintQueue:
    """A printer that takes documents, each as a job of its own. `record` writes into the journal.

    The journal hears of each before it is sent, so that no print is without its entry.
    """

    server: PrintServer
    printer: str
    record: Callable[..., object]
    copies: int = 1
    sides: Sides = Sides.ONE

    def take(self, documents: Sequence[Issued]) -> list[Receipt]:
        """Sends documents; the place of each is the name of its job. Raises `PrintingError`."""
        return [self._sent(one) for one in documents]

    def _sent(self, one: Issued) -> Receipt:
        facts = {
            "documents": [one.recorded("profile", "paper")],
            "copies": self.copies,
            "sides": str(self.sides),
            "printer": self.printer,
        }
        self.record(Did.PRINTING, **facts)
        title = f"{one.topic} {one.kind}.{one.language}"  # which text it is, never a person
        paper = Paper(one.about["paper"])
        try:
            job = self.server.submit(self.printer, one.pdf, title, copies=self.copies, sides=self.sides, media=paper)
        except PrintingError as error:
            did, why = without_a_job(error)
            self.record(did, **facts, **why)
            raise
        self.record(Did.SENT, **facts, job=job.number)
        return Receipt(one, name_of(job), {"job": job})


def name_of(job: Job) -> str:
    """A job as CUPS' own programs call it (`cancel Desk-12`)."""
    return f"{job.printer}-{job.number}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How a print is, in a sentence for people with its `facts`. There is no `job` where the print service told none.

    `end` is there when nothing more will happen.
    """

    sentence: str
    facts: Mapping[str, str] = field(default_factory=dict)
    job: Job | None = None
    end: End | None = None


class Follower:
    """Follows one print that the print service has taken, by its number there."""

    def __init__(self, server: PrintServer, number: int) -> None:
        self._server, self._number, self._begun = server, number, time.monotonic()

    @property
    def gap(self) -> float | None:
        """After how many seconds it should be looked at again; None when it is not waited for any more."""
        return gap_at(time.monotonic() - self._begun)

    def look(self) -> Job | PrintingError:
        """What the print service says of it now. It may take its time."""
        try:
            return self._server.job(self._number)
        except PrintingError as error:
            return error

    @staticmethod
    def understood(said: Job | PrintingError, printers: Sequence[Printer], *, by_the_desk: bool = False) -> Progress:
        """What that means. `printers` tell what a waiting job waits for; `by_the_desk`: somebody cancelled it there."""
        if isinstance(said, PrintingError):
            gone = unknown("gone") if said.sentence == sentences.GONE else None
            return Progress(said.sentence, said.facts, end=gone)
        printer = next((one for one in printers if one.name == said.printer), None)
        end = end_of(said, by_the_desk=by_the_desk) if said.state.final else None
        return Progress(told(printer, said), job=said, end=end)


def gap_at(age: float) -> float | None:
    """After how many seconds something of this age, in seconds, is tried again; None when it is given up."""
    return next((gap for until, gap in GAPS if age < until), None)


def unknown(reason: str) -> End:
    """The end of a print of which nobody knows whether its sheets came out."""
    return Did.PERHAPS_PRINTED, {"reason": reason}


def without_a_job(error: PrintingError) -> End:
    """The end of a print for which the print service gave no job: refused, or nobody knows."""
    reason = REASONS[error.sentence]
    return unknown(reason) if error.sentence == sentences.UNTOLD else (Did.NOT_SENT, {"reason": reason})


def end_of(job: Job, *, by_the_desk: bool = False) -> End:
    """The end of a job to which nothing more will happen. `by_the_desk`: somebody cancelled it there."""
    if job.state is JobState.CANCELLED:
        return Did.CANCELLED, {"reason": "at-the-desk" if by_the_desk else "elsewhere"}
    if job.state is JobState.FAILED:
        return Did.NOT_PRINTED, {"reason": "failed"}
    return unknown("to-be-counted") if told(None, job) == sentences.UNSURE else (Did.PRINTED, {})
