"""R: whether the dates of a document make sense today."""

from collections.abc import Iterator
from datetime import date

from clinicpress.documents import Document
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.rules import Context, rule

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


RULES = (review_overdue, effective_after_review)
