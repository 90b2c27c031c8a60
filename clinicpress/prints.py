"""How a print ended, as the journal is told: in the same words from the front desk and from the command line."""

from clinicpress.printers import REFUSALS, Job, JobState, PrintingError, sentences, told
from clinicpress.record import Did

End = tuple[Did, dict[str, str]]
"""A deed, and beside it a word that says why, where there is one."""

# Why something was not printed: the name of the sentence that was shown.
REASONS = {
    sentence: name.lower().replace("_", "-")
    for name, sentence in vars(sentences).items()
    if name.isupper() and isinstance(sentence, str) and sentence in REFUSALS
}


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
