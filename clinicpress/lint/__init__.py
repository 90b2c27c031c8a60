"""The careful editor: reads a document or a clinic profile and says what is wrong, with source and remedy.

One small function a rule, a file a family: S structure, C consent elements, B brand and legibility, R review. A rule's
docstring is its page in the manual. Nothing here is legal advice.
"""

from clinicpress.clinics import ClinicProfile
from clinicpress.documents import Document
from clinicpress.errors import Problem, Rule, sorted_problems
from clinicpress.lint import brand, consent, review, structure
from clinicpress.lint.rules import Context

DOCUMENT_RULES = (*structure.RULES, *consent.RULES, *review.RULES, *brand.DOCUMENT_RULES)
CLINIC_RULES = brand.CLINIC_RULES
RULES: tuple[Rule, ...] = tuple(one.rule for one in (*DOCUMENT_RULES, *CLINIC_RULES))

__all__ = ["RULES", "Context", "check_clinic", "check_document"]


def check_document(document: Document, context: Context) -> tuple[Problem, ...]:
    """Everything that the rules find in a document, sorted by place."""
    return sorted_problems(problem for one in DOCUMENT_RULES for problem in one(document, context))


def check_clinic(clinic: ClinicProfile, context: Context) -> tuple[Problem, ...]:
    """Everything that the rules find in a clinic profile, sorted by place."""
    return sorted_problems(problem for one in CLINIC_RULES for problem in one(clinic, context))
