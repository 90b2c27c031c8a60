"""What the pages say about the library, read by a worker in bounded time."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from clinicpress.cache import NO_CACHE, Cache
from clinicpress.clinics import ClinicProfile
from clinicpress.desk.furniture import plain
from clinicpress.documents import LANGUAGES, Document, Kind, ReviewRecord
from clinicpress.documents.passages import PASSAGES, files_of_text
from clinicpress.errors import ContentError, InputError, Problem, RenderError, Severity
from clinicpress.lint import RULES, scores_of
from clinicpress.press.approvals import to_answer
from clinicpress.press.kept import stock_of
from clinicpress.press.shelf import Shelf, Stock, printable, take_stock
from clinicpress.reports import by_harm
from clinicpress.words import words_in

Plain = dict[str, Any]
_JUDGED = frozenset(one.code for one in RULES)
"""What a rule found may be accepted; what cannot be read may not."""


def facts_of_stock(stock: Stock) -> Plain:
    """Everything that the pages say about the library. A document's `key` is `topic/kind/language`."""
    try:
        sound = printable(stock)
        clinic, good = sound.clinic, {one.file for one in sound.documents}
        broken: tuple[Problem, ...] = ()
    except ContentError as error:
        clinic, good, broken = None, set(), error.problems
    texts = {str(one.file) for one in stock.documents}
    return {
        "clinic": _clinic(clinic) if clinic else None,
        "broken": [plain(one) for one in broken],
        "documents": [_document(one, stock, good=one.file in good) for one in stock.documents],
        "problems": [plain(one) for one in stock.problems],
        "elsewhere": [plain(one) for one in by_harm(stock.problems) if one.file not in texts],
        "procedures": list(clinic.procedures) if clinic else [],
    }


def _clinic(clinic: ClinicProfile) -> Plain:
    return {
        "name": clinic.name,
        "phone": clinic.phone.printed,
        "phone_uri": clinic.phone.uri,
        "paper": str(clinic.paper),
        "color": clinic.branding.color,
        "kinds": {name: {tag: _called(kind, tag) for tag in LANGUAGES} for name, kind in clinic.kinds.items()},
    }


def _called(kind: Kind, language: str) -> str:
    """A kind's name for people: in English where a clinic's own kind has it in no other language."""
    try:
        return kind.said(kind.called, words_in(language))
    except RenderError:
        return kind.called


def _document(document: Document, stock: Stock, *, good: bool) -> Plain:
    files = files_of_text(document)
    found = by_harm(one for one in stock.problems if one.file in files)
    record, judged = document.review.record, _JUDGED | document.kind.elements.keys()
    return {
        "key": f"{document.topic}/{document.kind}/{document.language}",
        "topic": document.topic,
        "kind": str(document.kind),
        "language": document.language,
        "language_name": LANGUAGES[document.language],
        "title": document.title,
        "form": document.form,
        "revision": str(document.revision),
        "digest": document.revision.digest,
        "review_state": str(document.review.state),
        "draft": document.review.draft,
        "printable": good,
        "review_by": document.review_by.isoformat(),
        "until": record.until.isoformat() if record and not document.review.draft else "",
        "current_translation": document.current_translation,
        "approve_by": list(document.kind.approve_by),
        "questions": [one.ask for one in document.kind.confirm],
        "file": document.file.name,
        "history": [_record(one) for one in document.review.history],
        "problems": [
            {
                **plain(one),
                "to_answer": to_answer(one, document),
                "acceptable": one.code in judged and not document.fixed,
            }
            for one in found
        ],
        "errors": sum(one.severity is Severity.ERROR for one in found),
        "warnings": sum(one.severity is Severity.WARNING for one in found),
        "scores": scores_of(document, stock.glossary),
    }


def _record(record: ReviewRecord) -> Plain:
    return {
        "verdict": str(record.verdict),
        "by": record.by,
        "on": record.on.isoformat(),
        "until": record.until.isoformat(),
        "revision": record.digest[:8],
        "despite": [list(one) for one in record.despite],
        "confirmed": [list(one) for one in record.confirmed],
        "reason": record.reason,
    }


UNREAD = ("S16", "unreadable-text")


class _TooLong(BaseException):  # not an Exception: no "except Exception" on the way may take it for its own
    """Something took longer than it may."""


def stock_in_time(shelf: Shelf, patience: float, cache: Cache = NO_CACHE) -> Stock:
    """The stock of a shelf, as `take_stock` gives it; without the topics that cannot be read in so many seconds.

    What was read before is taken from the cache. The seconds are those of the processor, for all of it and for each
    topic. Raises `InputError` when there is no shelf, or nothing of it can be read.
    """
    try:
        with _within(patience):
            return stock_of(shelf, cache)
    except (_TooLong, MemoryError):
        pass
    except InputError:
        if not shelf.handouts.is_dir():
            raise
    good, unread, told = list[str](), list[Problem](), list[str]()
    for topic in sorted(one.name for one in shelf.handouts.iterdir() if one.name != PASSAGES and _texts_in(one)):
        try:
            with _within(patience / 2):
                take_stock(shelf, (topic,))
        except (_TooLong, MemoryError):
            unread.append(_problem(shelf, topic, "Reading its texts takes too long or too much."))
            told.append(unread[-1].message)
        except InputError as error:
            if str(error) in told:  # of two topics, so it is the fault of neither: a font is missing
                raise
            unread.append(_problem(shelf, topic, str(error)))
            told.append(str(error))
        else:
            good.append(topic)
    if not good:
        raise InputError(" ".join(told) or f"{shelf.handouts} holds no documents.")
    stock = take_stock(shelf, tuple(good))
    return replace(stock, problems=(*stock.problems, *unread))


def _texts_in(folder: Path) -> list[Path]:
    """The files of a topic that may be texts, or describe somebody else's form."""
    return [*folder.glob("*.md"), *folder.glob("*.*.toml")]


def _problem(shelf: Shelf, topic: str, why: str) -> Problem:
    texts = sorted(_texts_in(shelf.handouts / topic), key=lambda one: one.stat().st_size)
    message = f"The topic '{topic}' was left out. {why}"
    remedy = "Look at what was changed last in its folder: a text or a picture there is damaged, or far too long."
    return Problem(*UNREAD, str(texts[-1]), 0, message, remedy)  # the longest is the likeliest


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Ends what is inside after so many seconds of the processor: it raises `_TooLong` there."""

    def ring(_number: int, _frame: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
