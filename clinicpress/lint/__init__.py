"""The careful editor: reads a document or a clinic profile and says what is wrong, with source and remedy.

One small function a rule, a file a family: S structure, C consent elements, B brand and legibility, R review. A rule's
docstring is its page in the manual. Nothing here is legal advice.
"""

from dataclasses import replace

from clinicpress.clinics import ClinicProfile
from clinicpress.documents import Document
from clinicpress.errors import Problem, Rule, Severity, sorted_problems
from clinicpress.lint import brand, consent, review, structure
from clinicpress.lint.rules import Context

DOCUMENT_RULES = (*structure.RULES, *consent.RULES, *review.RULES, *brand.DOCUMENT_RULES)
CLINIC_RULES = brand.CLINIC_RULES
RULES: tuple[Rule, ...] = tuple(one.rule for one in (*DOCUMENT_RULES, *CLINIC_RULES))

NOT_APPROVED = review.not_approved.rule
why_draft = review.why_draft

__all__ = ["NOT_APPROVED", "RULES", "Context", "check_clinic", "check_document", "why_draft"]


def check_document(document: Document, context: Context) -> tuple[Problem, ...]:
    """Everything that the rules find in a document, sorted by place."""
    found = (problem for one in DOCUMENT_RULES for problem in one(document, context))
    return sorted_problems(_accepted(problem, document) for problem in found)


def _accepted(problem: Problem, document: Document) -> Problem:
    """A finding that the approval of this very text accepted is a warning, with the reason."""
    reason = document.review.despite.get(problem.code)
    if reason is None or document.review.record is None:
        return problem
    message = f"{problem.message} Accepted by {document.review.record.by}: {reason}"
    return replace(problem, severity=Severity.WARNING, message=message)


def check_clinic(clinic: ClinicProfile, context: Context) -> tuple[Problem, ...]:
    """Everything that the rules find in a clinic profile, sorted by place."""
    return sorted_problems(problem for one in CLINIC_RULES for problem in one(clinic, context))
