"""R and C37: whether the dates of a document make sense today, and what was left open in its text."""

import re
from collections.abc import Iterator
from datetime import date

from clinicpress.documents import Document, ReviewState, split_sentences
from clinicpress.documents.composition import told_parts
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.consent_meaning import AUDITS
from clinicpress.lint.rules import Check, Context, rule

_OPEN = re.compile(
    r"\{\{[^{}]*+\}\}|\{%|\$\{|<<[^<>]++>>"  # marks of a template
    r"|\b(TBD|TBC|TODO|FIXME|XXX+|TK|T\.B\.D\.)(?!\w)"
    r"|(?i:\blorem\b|\bipsum\b|\bdolor sit\b)"
    r"|_{3,}|\.{5,}|…{2,}|-{5,}|\bX{2,}/X{2,}|\bx{4,}\b"
    r"|\[\s*(?i:(please )?(insert|enter|add|fill|your|clinic|name|date|phone|number|describe|write|list|specify"
    r"|type|tbd"
    r"|to be|state|choose|select|xx+)\b)[^\[\]]*+\]|\[\s*+((?:…|\.{2,}|_+|\?+)\s*+)?\]|<(?i:insert|name|date|your|phone"
    r"|clinic)\b[^<>]*+>"
    r"|(?i:\byour clinic( name| here)|\bclinic name here\b|\b(insert|add|fill in) (name|date|number|phone|text"
    r"|clinic|risk\w*)"
    r" here\b|\bto be (completed|confirmed|added|written|determined|announced|filled in)\b)|\?{3,}"
)
_LEFT_OVER = re.compile(r"\bYour Clinic\b")  # the name in the shipped profile


def left_open(sentence: str) -> re.Match[str] | None:
    """What was left open in a sentence."""
    return _OPEN.search(sentence) or _LEFT_OVER.search(sentence)


@rule("C37", "placeholder", source=AUDITS)
def placeholder(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Nothing in a text or its header is left open: no {{ }}, no TBD or XXX, no blanks to fill, no [insert …].

    A place to write is a field (`::: fields`), never a row of strokes in the text. It is an error: nobody prints it
    on purpose, and a patient who signs above a blank signs what may be written there later.

    Wrong: 'The fee is $____.' Right: the fee, or a field for it.
    """
    header = [("form", document.form), ("author", document.author), *(("sources", one) for one in document.sources)]
    above = [(document.lines.get(key, 1), text) for key, text in header]
    for line, text in (*above, *document.texts()):
        for sentence in split_sentences(text):
            if found := left_open(sentence):
                message = f"'{found[0].strip()}' stands for something that was never written."
                yield rule.found(str(document.file), line, message, "Write it, or make it a field.", sentence)


PLACEHOLDER_RULES: tuple[Check[Document], ...] = (placeholder,)


PIF = "PIF TICK criterion 7 (review); AS 2828.1"


@rule("R01", "review-overdue", source=PIF, severity=Severity.WARNING)
def review_overdue(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A text is read again by a clinician before the day on its form line.

    Wrong: `review_by: 2025-01-31` today. Right: review it, then set the next day.
    """
    if date.min < document.review_by < context.today:
        days = (context.today - document.review_by).days
        message = f"The review is {days} days overdue (it was due on {document.review_by})."
        remedy = "Have a clinician read the text, then set 'review_by' to the next day of review."
        yield rule.found(
            str(document.file), document.lines.get("review_by", 1), message, remedy, str(document.review_by)
        )


@rule("R02", "effective-after-review", source=PIF)
def effective_after_review(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A text comes into force before its review is due.

    Wrong: `effective: 2027-01-01` with `review_by: 2026-12-01`. Right: the other way round.
    """
    if date.min < document.review_by <= document.effective:
        message = f"The text is effective on {document.effective}, but its review is due by {document.review_by}."
        remedy = "Correct one of the two dates."
        line = document.lines.get("review_by", 1)
        yield rule.found(str(document.file), line, message, remedy, str(document.review_by))


APPROVAL = "House rule: no text reaches a patient unapproved; PIF TICK criterion 7 (review)"
WARN_BEFORE = 60  # days: time to read a text again without haste


@rule("R04", "approval-ending", source=APPROVAL, severity=Severity.WARNING)
def approval_ending(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """An approval that ends soon is renewed in time: after its last day the text prints as a draft.

    Wrong: an approval until next week that nobody has on the calendar. Right: read the text again, then `approve` it.
    """
    record = document.review.record
    if record is None or document.review.draft:
        return
    left = (record.until - context.today).days
    if left <= WARN_BEFORE:
        message = f"The approval by {record.by} ends on {record.until}: in {left} days the text prints as a draft."
        remedy = "Read the text again, then approve it with a new day."
        yield rule.found(str(document.file), 1, message, remedy, document.title)


@rule("R05", "not-approved", source=APPROVAL, severity=Severity.WARNING)
def not_approved(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Somebody with a name stands behind the very words that a patient reads. Else every page says DRAFT.

    `check` tells when an approval was lost; `build --release` refuses every draft, also one that never had any.

    Wrong: a text that was changed after its approval. Right: a clinician reads it and runs `approve`.
    """
    if document.review.draft and document.review.record is not None:
        remedy = "Have a clinician read and approve it, at the editor's desk or with 'python generate.py approve'."
        yield rule.found(str(document.file), 1, why_draft(document, context.today), remedy, document.title)


def why_draft(document: Document, today: date) -> str:
    """Why a text is a draft, in one sentence."""
    record = document.review.record
    if record is not None and not document.current_translation:
        return "No qualified human stands behind this translation as it is (T01 to T03), so it prints as a draft."
    if record is None:
        return "Nobody has approved this text yet, so it prints as a draft."
    match document.review.state:
        case ReviewState.STALE:
            because = "; ".join(told_parts(dict(record.parts), document.composition)) if record.parts else ""
            if because:
                return f"{record.by} approved the text on {record.on}, and it prints as a draft now: {because}."
            return f"The text was changed after {record.by} approved it on {record.on}, so it prints as a draft."
        case ReviewState.EXPIRED:
            return f"The approval by {record.by} ended on {record.until}, so the text prints as a draft."
        case ReviewState.WITHDRAWN:
            return f"{record.by} withdrew this text on {record.on}: {record.reason}"
    return (
        f"The approval by {record.by} begins on {record.on}, and today is taken to be {today}: "
        "is the clock of this machine right?"
    )


RULES = (review_overdue, effective_after_review, approval_ending, not_approved)
