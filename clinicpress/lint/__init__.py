"""The careful editor: reads a document or a clinic profile and says what is wrong, with source and remedy.

One small function a rule, a file a family: S structure, C consent elements, L language, B brand and legibility, R
review, T translation, X somebody else's form. A rule's docstring is its page in the manual. Nothing here is legal
advice.

Consent elements have the codes of docs/decisions/consent-elements.md. Hospital rules (CMS, Joint Commission) bind
hospitals; for a free-standing clinic they are a benchmark, and state law decides. An element is there when the section
with its role says it, or when its words stand in another section. What the page always prints is not looked for in the
text: then the rule sees that the block or the key for it is there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from clinicpress.clinics import ClinicProfile
from clinicpress.documents import Document, Glossary, Kind
from clinicpress.documents.passages import files_of_text, own_line, spot_of
from clinicpress.errors import Problem, Rule, Severity, sorted_problems
from clinicpress.legibility import LaidOut, ReadBack
from clinicpress.lint import (
    belief,
    brand,
    claims,
    consent_conditions,
    consent_explanations,
    consent_questions,
    consent_signatures,
    dosing,
    fixed,
    frequencies,
    language,
    legibility,
    phones,
    review,
    structure,
    terms,
    translated,
    translation,
    variables,
    weights,
)
from clinicpress.lint.checklists import checklists, elements
from clinicpress.lint.elements import checks_of
from clinicpress.lint.readability import scores_of
from clinicpress.lint.rules import Check, Context
from clinicpress.reports import Report, by_harm

ELEMENT_RULES: tuple[Check[Document], ...] = (
    *consent_explanations.RULES,
    *consent_questions.RULES,
    *consent_conditions.RULES,
    *consent_signatures.RULES,
)
"""What a document has to say or ask; its kind has the list."""
DOCUMENT_RULES: tuple[Check[Document], ...] = (
    *structure.RULES,
    *ELEMENT_RULES,
    *structure.FORM_RULES,
    *review.PLACEHOLDER_RULES,
    *review.RULES,
    *translation.RULES,
    *translated.RULES,
    *variables.RULES,
    *brand.DOCUMENT_RULES,
    *language.RULES,
    *frequencies.RULES,
    *claims.RULES,
    *phones.RULES,
    *terms.RULES,
    *dosing.RULES,
)
FIXED_RULES: tuple[Check[Document], ...] = (*fixed.RULES, *review.RULES)
"""What can be said of somebody else's form: nothing about its words."""
WORD_RULES: tuple[Check[Document], ...] = (
    *review.PLACEHOLDER_RULES,
    *variables.RULES,
    *brand.DOCUMENT_RULES,
    *language.RULES,
    *frequencies.RULES,
    *claims.RULES,
    *phones.RULES,
    *dosing.RULES,
)
"""What can be said of words by themselves, whatever document they come into."""
PRINT_RULES: tuple[Check[ReadBack], ...] = legibility.RULES
LAYOUT_RULES: tuple[Check[LaidOut], ...] = legibility.LAYOUT_RULES
_PROFILE_RULES = (*brand.CLINIC_RULES, *consent_signatures.CLINIC_RULES)
_WEIGHABLE = frozenset(
    (
        *(one.rule.code for one in DOCUMENT_RULES),
        *(one.rule.code for one in _PROFILE_RULES),
        *(one.rule.code for one in PRINT_RULES),
    )
)
CLINIC_RULES = (*_PROFILE_RULES, weights.unknown_code(_WEIGHABLE))
RULES: tuple[Rule, ...] = (
    *(one.rule for one in DOCUMENT_RULES),
    *(one.rule for one in fixed.RULES),
    *(one.rule for one in CLINIC_RULES),
    *(one.rule for one in PRINT_RULES),
    *(one.rule for one in LAYOUT_RULES),
)

NOT_APPROVED = review.not_approved.rule
reasons = consent_explanations.reasons
WEIGHED = tuple(one.code for one in consent_explanations.ELEMENTS)
"""The elements that are told in words, and weighed."""
why_draft = review.why_draft
left_out = weights.left_out
believed = belief.believed
believed_told = belief.as_told
TO_ANSWER = translated.TO_ANSWER

__all__ = [
    "LAYOUT_RULES",
    "NOT_APPROVED",
    "PRINT_RULES",
    "RULES",
    "TO_ANSWER",
    "WEIGHED",
    "Context",
    "believed",
    "believed_told",
    "check_clinic",
    "check_document",
    "check_layout",
    "check_print",
    "check_words",
    "left_out",
    "reasons",
    "report_of",
    "scores_of",
    "why_draft",
]


def check_document(document: Document, context: Context) -> tuple[Problem, ...]:
    """Everything that the rules find in a document, sorted by place."""
    found = (problem for one in _rules_of(document.kind) for problem in one(document, context))
    return _judged(found, document, context)


def check_words(document: Document, context: Context, first_line: int) -> tuple[Problem, ...]:
    """What the rules find in words that are no whole document, from a line on."""
    found = _judged((problem for one in WORD_RULES for problem in one(document, context)), document, context)
    return tuple(one for one in found if one.line >= first_line)


@lru_cache
def _rules_of(kind: Kind) -> tuple[Check[Document], ...]:
    """The rules that hold for a kind: those of all documents, and those of its elements."""
    if kind.is_fixed:
        return tuple(one for one in FIXED_RULES if one.rule.severity is Severity.ERROR or one.rule.code not in kind.off)
    every = (one for one in DOCUMENT_RULES if one not in ELEMENT_RULES or one.rule.code in kind.elements)
    return tuple(one for one in (*every, *checks_of(kind)) if one.rule.code not in kind.off)


def check_print(printed: ReadBack, context: Context) -> tuple[Problem, ...]:
    """Everything that the rules find on the finished pages of a document, sorted by place."""
    return _judged((problem for one in PRINT_RULES for problem in one(printed, context)), printed.document, context)


def check_layout(laid: LaidOut, context: Context) -> tuple[Problem, ...]:
    """What is wrong with the pages of a document, sorted by place. No jurisdiction weighs it: it is not printed."""
    return sorted_problems(problem for one in LAYOUT_RULES for problem in one(laid, context))


def _judged(problems: Iterable[Problem], document: Document, context: Context) -> tuple[Problem, ...]:
    """Findings as they weigh where the clinic is, and for this text."""
    place = context.clinic.jurisdiction if context.clinic is not None else None
    found = (weights.weighed(_located(problem, document), place) for problem in problems)
    return sorted_problems(_accepted(problem, document) for problem in found if problem is not None)


OF_THE_WHOLE = frozenset(["L06"])
"""Rules that find in words of a passage what is about the document that they came into: a word not explained there."""


def _located(problem: Problem, document: Document) -> Problem:
    """A finding about words of a passage, at the place where they were written; once for all documents."""
    line = own_line(problem.line)
    if problem.file != str(document.file) or line == problem.line:
        return problem
    file, within = spot_of(document, problem.line)
    if problem.code not in OF_THE_WHOLE:
        return replace(problem, file=str(file), line=within)
    name = next(one.name for one in document.passages if one.line == line)
    return replace(problem, line=line, message=f"{problem.message} The words are those of the passage '{name}'.")


def _accepted(problem: Problem, document: Document) -> Problem:
    """A finding that the approval of this very text accepted is a warning, with the reason."""
    reason = document.review.despite.get(problem.code)
    if reason is None or document.review.record is None or document.fixed:  # a file is the pinned one or it is not
        return problem
    message = f"{problem.message} Accepted by {document.review.record.by}: {reason}"
    return replace(problem, severity=Severity.WARNING, message=message)


def check_clinic(clinic: ClinicProfile, context: Context) -> tuple[Problem, ...]:
    """Everything that the rules find in a clinic profile, sorted by place."""
    found = (weights.weighed(problem, clinic.jurisdiction) for one in CLINIC_RULES for problem in one(clinic, context))
    return sorted_problems(problem for problem in found if problem is not None)


def report_of(document: Document, problems: Sequence[Problem], glossary: Glossary) -> Report:
    """What there is to tell the manager about a document. Of all findings, those of its own text and its passages."""
    files = files_of_text(document)
    own = [problem for problem in problems if problem.file in files]
    profile = [problem for problem in problems if problem.file.endswith(".toml")]  # the clinic's name and address
    return Report(
        document.title,
        str(document.file),
        document.form,
        str(document.revision),
        str(document.review.state),
        document.language,
        scores_of(document, glossary),
        elements(document, own + profile),
        checklists(document, own),
        by_harm(own),
    )
