"""A passage was changed: a person stands behind its new words, once for all documents that differ by nothing else."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import ndiff
from pathlib import Path

from clinicpress.documents import Document, PassageUse, ReviewRecord, Verdict
from clinicpress.documents.composition import changed_parts, told_parts
from clinicpress.errors import ContentError, InputError
from clinicpress.library.keys import nearest
from clinicpress.library.passages import PassageShelf, PassageText, kept_words
from clinicpress.press.approvals import CLINICIAN, accepted_errors, may_approve, person, recorded
from clinicpress.press.shelf import Stock
from clinicpress.words import SOURCE


@dataclass(frozen=True, slots=True)
class Renewal:
    """What became of the documents in which a passage stands.

    `words` are its lines as they were approved and as they are, each with its mark. `renewed` have a record each,
    `waiting` each the reason why somebody has to approve it by itself. `current` needed nothing.
    """

    words: tuple[str, ...]
    renewed: tuple[tuple[Document, Path], ...]
    waiting: tuple[tuple[Document, str], ...]
    current: tuple[Document, ...]


def renew(
    stock: Stock,
    name: str,
    *,
    by: str,
    today: date,
    language: str = SOURCE,
    role: str = CLINICIAN,
    yes: Collection[str] = (),
    revision: str = "",
) -> Renewal:
    """Renews the approval of each document that differs from an approved one by a passage alone.

    Each gets a record of its own, until the day of the one before it. `yes` names documents that were looked at one by
    one, where the passage asks for it; `revision` is that of the passage that was read, or its first digits.
    Raises `InputError`, and nothing is recorded then.
    """
    passage = _passage(stock, name, language)
    if revision and not passage.digest.startswith(revision.lower()):
        raise InputError(
            f"The passage was changed since it was read: it is revision {passage.digest[:8]} now, not {revision[:8]}. "
            "Read it again, then approve what you have read."
        )
    if role not in (passage.owner, CLINICIAN):
        raise InputError(f"The passage '{name}' is approved by its owner: {passage.owner}. ({passage.file}, 'owner')")
    named = person(by, supplied=False)
    known = {called(one) for one in stock.documents}
    for one in yes:
        if one not in known:
            raise InputError(f"--yes: there is no document '{one}'. {nearest(one, known)}")
    renewed, waiting, current, old = [], [], [], ""
    for document, use in _documents_with(stock, passage):
        if not document.review.draft:
            current.append(document)
            continue
        record, reason = _approved_but_for(document, name, today)
        reason = reason or _why_not_yet(document, use, role, yes)
        if record is None or reason:
            waiting.append((document, reason))
            continue
        try:
            path = recorded(document, _renewed(stock, (document, use), record, named, today), today, None, stock.clinic)
        except ContentError as error:
            waiting.append((document, f"it has errors ({error.problems[0]})"))
            continue
        old = dict(record.parts)[name]
        renewed.append((document, path))
    return Renewal(tuple(_compared(passage, old)), tuple(renewed), tuple(waiting), tuple(current))


def called(document: Document) -> str:
    """What a document is called where one is meant: neurotherapy/consent.en."""
    return f"{document.topic}/{document.name}"


def _passage(stock: Stock, name: str, language: str) -> PassageText:
    shelf = PassageShelf(stock.shelf.handouts, stock.kinds)
    if language not in shelf.names.get(name, ()):
        known = {one for one, languages in shelf.names.items() if language in languages}
        advice = nearest(name, known) if known else f"{shelf.folder} holds none in this language."
        raise InputError(f"There is no passage '{name}' in '{language}'. {advice}")
    passage, _ = shelf.read(name, language)
    if passage is None:
        raise InputError(f"The passage '{name}' cannot be read. 'python generate.py check passages' says why.")
    return passage


def _documents_with(stock: Stock, passage: PassageText) -> Iterator[tuple[Document, PassageUse]]:
    for document in stock.documents:
        for use in document.passages:
            if use.file == passage.file:
                yield document, use
                break


def _approved_but_for(document: Document, name: str, today: date) -> tuple[ReviewRecord | None, str]:
    """The newest record of a text that was this one save the passage; else why there is none."""
    history = document.review.history
    if not history:
        return None, "nobody has approved it yet"
    if history[-1].verdict is Verdict.WITHDRAWN:
        return None, "it was withdrawn"
    for record in reversed(history):
        counts = record.verdict is not Verdict.WITHDRAWN and record.parts and record.until >= today
        if counts and changed_parts(dict(record.parts), document.composition) == (name,):
            return record, ""
    last = history[-1]
    if last.until < today:
        return None, f"its approval ended on {last.until}"
    if not last.parts:
        return None, "the text that was approved did not have the passage"
    return None, f"more was changed: {'; '.join(told_parts(dict(last.parts), document.composition))}"


def _why_not_yet(document: Document, use: PassageUse, role: str, yes: Collection[str]) -> str:
    """Why a document waits whose only change is the passage."""
    if not document.current_translation:
        return "its translation is not current (T01 to T03)"
    if not may_approve(document.kind, role):
        return f"a {document.kind.called.lower()} is not approved by a {role}"
    if use.each and called(document) not in yes:
        return f"it is looked at by itself: read it, then add --yes {called(document)}"
    return ""


def _renewed(
    stock: Stock, meant: tuple[Document, PassageUse], record: ReviewRecord, by: str, today: date
) -> ReviewRecord:
    """The record of a renewal. Raises `ContentError` for errors that nobody has accepted."""
    document, use = meant
    codes = {one.code for one in stock.problems}
    despite = {code: reason for code, reason in record.despite if code in codes}
    return ReviewRecord(
        document=record.document,
        verdict=Verdict.APPROVED,
        by=by,
        on=today,
        until=record.until,
        digest=document.revision.digest,
        despite=accepted_errors(document, stock.problems, despite),
        parts=tuple(document.composition.items()),
        because=f"passage {use.name} {use.digest[:8]}",
        confirmed=record.confirmed,
    )


def _compared(passage: PassageText, old: str) -> Sequence[str]:
    """The lines of a passage as they were approved (-) and as they are now (+)."""
    kept = kept_words(passage.file, old) if old else None
    if kept is None or not kept.is_file():
        return [f"  {row}" for row in passage.text.split("\n")]
    before = kept.read_text(encoding="utf-8").split("\n")
    return [row.rstrip() for row in ndiff(before, passage.text.split("\n")) if not row.startswith("?")]
