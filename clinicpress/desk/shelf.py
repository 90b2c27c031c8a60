"""What the pages say about the library: plain values, made by a worker and kept by the server while nothing changes."""

from typing import Any

from clinicpress.clinics import ClinicProfile
from clinicpress.desk.findings import plain
from clinicpress.documents import LANGUAGES, Document, ReviewRecord
from clinicpress.errors import ContentError, Problem, Severity, sorted_problems
from clinicpress.lint import RULES, scores_of
from clinicpress.stock import Stock, printable

Plain = dict[str, Any]
_JUDGED = frozenset(one.code for one in RULES)  # what a rule found may be accepted; what cannot be read may not


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
        "elsewhere": [plain(one) for one in sorted_problems(stock.problems) if one.file not in texts],
        "procedures": list(clinic.procedures) if clinic else [],
    }


def _clinic(clinic: ClinicProfile) -> Plain:
    return {
        "name": clinic.name,
        "phone": clinic.phone.printed,
        "phone_uri": clinic.phone.uri,
        "paper": str(clinic.paper),
        "color": clinic.branding.color,
    }


def _document(document: Document, stock: Stock, *, good: bool) -> Plain:
    found = sorted_problems(one for one in stock.problems if one.file == str(document.file))
    record = document.review.record
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
        "file": document.file.name,
        "history": [_record(one) for one in document.review.history],
        "problems": [{**plain(one), "acceptable": one.code in _JUDGED} for one in found],
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
        "reason": record.reason,
    }
