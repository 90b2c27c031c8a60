"""Who stands behind a text: the records of its review, and the state that they put it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ReviewState(StrEnum):
    """Whether the clinic stands behind this very text. Only supplied and approved texts print without DRAFT."""

    SUPPLIED = "supplied"
    APPROVED = "approved"
    DRAFT = "draft"
    STALE = "stale"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What a record says: the clinic handed the text in, a clinician approved it, or it was withdrawn."""

    SUPPLIED = "supplied"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """One entry of `review.toml`.

    `document` is its name there (`handout.en`), `digest` the SHA-256 of the exact text and figures. `on` and `until`
    are the first and the last day on which it counts. `despite` holds the codes of errors that stood, each with the
    reason for approving all the same; `reason` says why a text was withdrawn. `line` is its line in the file.
    """

    document: str
    verdict: Verdict
    by: str
    on: date
    until: date
    digest: str
    despite: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Review:
    """Who stands behind this very text, since when and until when.

    `record` is the entry that decides, `history` holds all entries of this document, the oldest first.
    """

    state: ReviewState
    record: ReviewRecord | None = None
    history: tuple[ReviewRecord, ...] = ()

    @property
    def draft(self) -> bool:
        """Whether the document prints as a draft."""
        return self.state not in (ReviewState.SUPPLIED, ReviewState.APPROVED)

    @property
    def despite(self) -> dict[str, str]:
        """The reasons for which errors were accepted, by code; none for a draft."""
        return dict(self.record.despite) if self.record is not None and not self.draft else {}


def judged(digest: str, history: Sequence[ReviewRecord], today: date | None) -> Review:
    """The review of a text, from the records of its document.

    A record counts for the very text that it names. So a text that is changed and put back is current again. Without a
    day no record is too early or too late.
    """
    records = tuple(history)
    if not records:
        return Review(ReviewState.DRAFT)
    last = records[-1]
    if last.verdict is Verdict.WITHDRAWN:
        return Review(ReviewState.WITHDRAWN, last, records)
    fitting = [one for one in records if one.digest == digest and one.verdict is not Verdict.WITHDRAWN]
    if not fitting:
        return Review(ReviewState.STALE, last, records)
    record = fitting[-1]
    if today is not None and today > record.until:
        return Review(ReviewState.EXPIRED, record, records)
    if today is not None and today < record.on:
        return Review(ReviewState.DRAFT, record, records)
    return Review(ReviewState(record.verdict), record, records)
