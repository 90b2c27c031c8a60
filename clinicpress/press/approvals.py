"""A person stands behind the very words of a text: what that needs, and the record of it beside the text."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType

from clinicpress import files, library, lint
from clinicpress.clinics import ClinicProfile
from clinicpress.documents import KINDS, Document, Kind, Review, ReviewRecord, Verdict
from clinicpress.documents.passages import files_of_text
from clinicpress.documents.variables import variables_in
from clinicpress.errors import ContentError, InputError, Problem, Severity
from clinicpress.library.passages import kept_words
from clinicpress.press.shelf import Stock
from clinicpress.press.values import with_values

CLINICIAN = "clinician"


def may_approve(kind: Kind, role: str) -> bool:
    """Whether a person of this role may stand behind a text of a kind: the kind says who may."""
    return role in kind.approve_by


class EntryError(InputError):
    """What somebody entered does not do.

    `entry` names it as `approve` does: by, until, despite, reason, role or confirm.
    """

    def __init__(self, entry: str, message: str) -> None:
        self.entry = entry
        super().__init__(message)


class AlreadyApprovedError(InputError):
    """Somebody else was quicker: there is a record by now that whoever makes this one has not seen."""


def approve(
    stock: Stock,
    document: Document,
    *,
    by: str,
    today: date,
    until: date | None = None,
    revision: str = "",
    despite: Mapping[str, str] = MappingProxyType({}),
    supplied: bool = False,
    withdraw: bool = False,
    reason: str = "",
    known: int | None = None,
    role: str = CLINICIAN,
    answers: Sequence[str] = (),
) -> Path:
    """Records that a person approved or withdrew this very text, and returns the review file.

    `revision` is the text that was read, in full or its first digits; `despite` holds a reason for each error that may
    stand, by its code; `reason` says why a text is withdrawn. Without a last day it is the one on which the text is to
    be read again. `known` is how many records of the text the person has seen: where one was added meanwhile that this
    one would repeat or overrule, nothing is recorded. A withdrawal overrules an approval in any case. `role` is the
    person's in the clinic; `answers` are those to the questions of the kind, in their order.

    Raises `EntryError`, `AlreadyApprovedError` and other `InputError`s, and `ContentError` with errors that stand.
    """
    if revision and not document.revision.digest.startswith(revision.lower()):
        raise InputError(
            f"The text was changed since it was read: it is revision {document.revision} now, not {revision[:8]}. "
            "Read it again, then approve what you have read."
        )
    if not withdraw and not document.current_translation:
        raise InputError(
            "This translation cannot be approved as it is: a machine made it, or the English was changed since. Have a "
            "qualified human translator read it first; 'python generate.py translate export' writes it for one."
        )
    if not may_approve(document.kind, role):
        may = " or ".join(f"a {one}" for one in document.kind.approve_by)
        raise EntryError("role", f"A text of this kind ({document.kind.called.lower()}) is approved by {may}.")
    record = ReviewRecord(
        document=document.name,
        verdict=Verdict.WITHDRAWN if withdraw else Verdict.SUPPLIED if supplied else Verdict.APPROVED,
        by=person(by, supplied=supplied),
        on=today,
        until=date.max if withdraw else _last_day(until or document.review_by, today),
        digest=document.revision.digest,
        despite=() if withdraw else accepted_errors(document, stock.problems, despite),
        reason=_why_withdrawn(reason) if withdraw else "",
        parts=parts_of(document),
        confirmed=() if withdraw else answered(document, answers),
    )
    return recorded(document, record, today, known, stock.clinic)


def answered(document: Document, answers: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The questions of a kind, which no program can answer, each with what somebody answers by name.

    Raises `EntryError` while one has no answer.
    """
    asked = document.kind.confirm
    told = [one.strip() for one in answers]
    if len(told) < len(asked) or not all(map(_one_line, told)):
        open_ones = [one.ask for number, one in enumerate(asked) if number >= len(told) or not _one_line(told[number])]
        raise EntryError("confirm", "Each question has its answer, in one line. Still open: " + " | ".join(open_ones))
    if len(told) > len(asked):
        raise EntryError("confirm", f"The kind asks {len(asked)} question(s); {len(told)} answers were given.")
    return tuple((question.ask, answer) for question, answer in zip(asked, told, strict=True))


def parts_of(document: Document) -> tuple[tuple[str, str], ...]:
    """What a record keeps of a text that is not only its own."""
    return tuple(document.composition.items()) if len(document.composition) > 1 else ()


def recorded(
    document: Document, record: ReviewRecord, today: date, known: int | None, clinic: ClinicProfile | None
) -> Path:
    """Adds a record to the review file. Two approvals at once wait for each other, so that none is lost."""
    if clinic is None and variables_in(document):
        raise InputError("The text names values of the clinic's profile, which has errors. Mend these first.")
    path, kinds = document.file.parent / library.REVIEW, clinic.kinds if clinic else KINDS
    with files.alone(path.parent):
        (now,), _ = with_values([library.read_document(document.file, today, kinds)], clinic, today)
        if now.revision != document.revision:
            raise InputError(
                f"{document.file} was changed while it was approved: it is revision {now.revision} now. "
                "Nothing was recorded. Read it again, then approve what you have read."
            )
        if known is not None:
            _refuse_unseen(now.review, record, known)
        for use in document.passages:
            kept = kept_words(use.file, use.digest)
            if not kept.is_file():
                files.write(kept, library.read_text(use.file)[0].encode())
        before = path.read_bytes() if path.is_file() else b""
        files.write(path, library.with_record(before, record).encode())
    return path


def _refuse_unseen(review: Review, record: ReviewRecord, known: int) -> None:
    """Raises `AlreadyApprovedError` when a record was added that the person has not seen, and it matters."""
    if len(review.history) <= known:
        return
    last = review.history[-1]
    if record.verdict is Verdict.WITHDRAWN and last.verdict is not Verdict.WITHDRAWN:
        return  # the safe side: a text that somebody wants out of use goes out of use
    done = {Verdict.SUPPLIED: "supplied", Verdict.WITHDRAWN: "withdrew"}.get(last.verdict, "approved")
    raise AlreadyApprovedError(f"{last.by} {done} this very text on {last.on}. Nothing more was recorded.")


def person(by: str, *, supplied: bool) -> str:
    """A name with a credential; a clinic that supplies its own text needs none."""
    name, comma, credential = by.partition(",")
    if not name.strip() or not (supplied or (comma and credential.strip())) or not by.isprintable():
        raise EntryError("by", 'Write name and credential, for example "Ada Example, ND".')
    return by.strip()


def _last_day(until: date, today: date) -> date:
    """The last day of an approval."""
    if until <= today:
        raise EntryError(
            "until", f"The approval would have ended already, on {until}. Name a day after today, {today}."
        )
    return until


def _why_withdrawn(reason: str) -> str:
    if not _one_line(reason):
        raise EntryError("reason", "A withdrawal needs its reason, in one line: the history names it.")
    return reason.strip()


def accepted_errors(
    document: Document, problems: Sequence[Problem], despite: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """The errors that stand and are accepted, each with its reason; so are warnings that somebody has to answer.

    Raises `ContentError` with those that are not.
    """
    if not all(map(_one_line, despite.values())):
        raise EntryError("despite", "Each error that is accepted needs its reason, in one line: it is kept and shown.")
    accepted = {code.upper(): reason.strip() for code, reason in despite.items()}
    files = files_of_text(document)
    standing = [one for one in problems if one.file in files and to_answer(one, document)]
    if open_errors := [one for one in standing if document.fixed or one.code not in accepted]:
        raise ContentError(open_errors)
    unknown = [code for code in accepted if code not in {one.code for one in problems}]
    if unknown:
        raise EntryError("despite", f"There is no such finding as {unknown[0]}. A check of the text shows what stands.")
    return tuple(sorted(accepted.items()))


def to_answer(problem: Problem, document: Document) -> bool:
    """Whether a finding has to be mended or accepted with a reason before a text is approved."""
    if problem.severity is Severity.ERROR:
        return True
    return problem.code in lint.TO_ANSWER and problem.code not in document.review.despite


def _one_line(reason: str) -> bool:
    return bool(reason.strip()) and reason.isprintable()
