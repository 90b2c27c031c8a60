"""Who signs a form, and what each form carries: C01, C23 to C27 and C34 to C36.

Most of this the page prints by itself; then the rule sees to what the page needs for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from clinicpress.clinics import ClinicProfile
from clinicpress.documents import Document, Field, FieldGroup, FieldKind, walk
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.consent_meaning import CMS, CMS_GUIDANCE, IDENTIFIERS, NHS, PIF, RECORDS
from clinicpress.lint.consent_questions import own_labels
from clinicpress.lint.phrases import phrase, said
from clinicpress.lint.rules import Check, Context, rule

FOR_THE_PATIENT = phrase("signing/for-the-patient")
FOR_OTHERS = phrase("signing/for-others")
CLINICIAN = phrase("signing/clinician")
THIRD_PERSON = phrase("signing/third-person")
PATIENT = phrase("signing/patient")
OTHER_DATE = phrase("signing/other-date")
_WITNESS, _NAME, _IDENTIFIER = phrase("signing/witness"), phrase("signing/name"), phrase("signing/identifier")


@rule("C01", "clinic-identity", source=CMS, severity=Severity.WARNING)
def clinic_identity(rule: Rule, clinic: ClinicProfile, context: Context) -> Iterator[Problem]:
    """A form names the clinic, its address and its phone number, on page 1 and at the foot of every page.

    A warning, for the product prints before its profile is filled in.

    Wrong: `address = []`. Right: `address = ["100 Main Street", "Tualatin, OR 97062"]`.
    """
    if not clinic.address:  # the name: B03; no phone number: S02, B05
        message = "Consent forms carry the clinic's address, and none is set."
        remedy = f"Write 'address = [\"…\"]' in {clinic.file.name}."
        yield rule.found(str(clinic.file), clinic.lines.get("address", 1), message, remedy)


def _block(form: Document, name: str) -> bool:
    return name in {block.name for block in form.form_blocks}


class Signatory(StrEnum):
    """Who signs, as far as a form asks for it by itself."""

    PATIENT = "patient"
    CLINICIAN = "clinician"
    THIRD_PERSON = "third person"


@dataclass(slots=True)
class SignaturePlace:
    """A place where somebody signs: whose it is, and whether the date and the time of signing are asked beside it."""

    signer: Signatory
    has_date: bool = False
    has_time: bool = False


def signatures(form: Document) -> list[SignaturePlace]:
    """The signatures that an author's own fields ask for, from top to bottom.

    A date or a time is one of signing when its label says nothing else. It belongs to the signature before it in the
    same section, or to the first one where none stands before it.
    """
    found = []
    parts = [("", form.opening), *((section.heading, section.blocks) for section in form.sections)]
    for heading, blocks in parts:
        groups = (block for block in walk(blocks) if isinstance(block, FieldGroup))
        found += _signed(heading, [one for group in groups for one in group.fields], form.language)
    return found


def _signed(heading: str, fields: Sequence[Field], language: str) -> list[SignaturePlace]:
    found: list[SignaturePlace] = []
    asked_before = SignaturePlace(Signatory.PATIENT)
    signer = signatory_of(heading, language) or Signatory.PATIENT
    for one in fields:
        beside = found[-1] if found else asked_before
        if one.kind is FieldKind.SIGNATURE:
            found.append(SignaturePlace(signatory_of(one.label, language) or signer))
        elif one.kind in (FieldKind.DATE, FieldKind.TIME):
            is_of_signing = not said(OTHER_DATE, one.label, language)
            beside.has_date |= is_of_signing and one.kind is FieldKind.DATE
            beside.has_time |= is_of_signing and one.kind is FieldKind.TIME
        elif one.kind is FieldKind.TEXT:
            signer = signatory_of(one.label, language) or signer
    for first in found[:1]:
        first.has_date |= asked_before.has_date
        first.has_time |= asked_before.has_time
    return found


def signatory_of(label: str, language: str = "") -> Signatory | None:
    """Whose signature a label asks for; None where it does not say."""
    if said(THIRD_PERSON, label, language):
        return Signatory.THIRD_PERSON
    if said(CLINICIAN, label, language):
        return Signatory.CLINICIAN
    return Signatory.PATIENT if said(PATIENT, label, language) else None


@rule("C23", "representative", source=CMS)
def representative(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form asks whether the patient signs or somebody for the patient, who that is, and by which right.

    Wrong: one line 'Signature' for whoever comes. Right: the block `attestation`.
    """
    if _block(document, "attestation"):
        return
    language = document.language
    if not any(
        said(FOR_THE_PATIENT, label, language) and not said(FOR_OTHERS, label, language)
        for label in own_labels(document)
    ):
        message = "Nothing asks who signs when the patient cannot, and by which right."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, "Add the block 'attestation'.")


@rule("C24", "patient-signature", source=CMS)
def patient_signature(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """The patient, or who signs for the patient, has a box to sign.

    Wrong: a form that only the clinician signs. Right: the block `attestation`.
    """
    if _block(document, "attestation"):
        return
    if not any(one.signer is Signatory.PATIENT for one in signatures(document)):
        message = "The patient has no place to sign."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, "Add the block 'attestation'.")


@rule("C25", "date-and-time", source=CMS)
def date_and_time(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Beside the patient's signature stand the date AND the time.

    Wrong: a signature and a date. Right: the block `attestation`, which asks for both.
    """
    if _block(document, "attestation"):
        return
    own = [one for one in signatures(document) if one.signer is Signatory.PATIENT]
    if not any(one.has_date and one.has_time for one in own):
        message = "The patient's signature has no date and time beside it."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, "Add the block 'attestation'.")


@rule("C26", "clinician-signature", source=f"{CMS_GUIDANCE}; {NHS}", severity=Severity.WARNING)
def clinician_signature(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """The clinician signs too, with name, title, date and time.

    Wrong: a form that only the patient signs. Right: the block `clinician`.
    """
    if _block(document, "clinician") or "C26" in document.not_applicable:
        return
    if not any(one.signer is Signatory.CLINICIAN for one in signatures(document)):
        message = "The clinician has no place to sign."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, "Add the block 'clinician'.")


@rule("C27", "witness", source=CMS_GUIDANCE, severity=Severity.WARNING)
def witness(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """There is a place for a witness, who is needed when a patient makes a mark instead of a signature.

    Wrong: no block `witness`. Right: the block; it stays empty when nobody is needed.
    """
    if _block(document, "witness") or "C27" in document.not_applicable:
        return
    if not any(said(_WITNESS, label, document.language) for label in own_labels(document)):
        message = "The form has no place for a witness."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, "Add the block 'witness'.")


@rule("C34", "two-identifiers", source=IDENTIFIERS, severity=Severity.WARNING)
def two_identifiers(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Every side names its patient twice: the page does it from side 2 on, the block `identification` on side 1.

    Wrong: a form without that block, and a label that falls off. Right: the block `identification`.
    """
    if _block(document, "identification") or "C34" in document.not_applicable:
        return
    labels = list(own_labels(document))
    if not all(any(said(what, one, document.language) for one in labels) for what in (_NAME, _IDENTIFIER)):
        message = "Side 1 has no place for the patient's name and a second sign of who it is."
        yield rule.found(
            str(document.file), document.lines.get("blocks", 1), message, "Add the block 'identification'."
        )


@rule("C35", "form-line", source=f"{RECORDS}; {PIF}")
def form_line(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Every page carries title, form number, revision, the day of force and of review, and 'page n of N'.

    The page prints them by itself, from the header.

    Wrong: a header without `form`. Right: `form: EAR-C1`.
    """
    held = {"title": document.title, "form": document.form}
    held |= {key: "" if day == date.min else "set" for key, day in _days(document).items()}
    missing = [key for key, value in held.items() if not value and key not in document.lines]
    if missing:
        message = f"The line at the foot of every page lacks {' and '.join(missing)}."
        yield rule.found(str(document.file), 1, message, f"Add '{missing[0]}: …' to the header.")


def _days(document: Document) -> dict[str, date]:
    return {"effective": document.effective, "review_by": document.review_by}


@rule("C36", "authorship", source=PIF, severity=Severity.WARNING)
def authorship(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form says who wrote it and what it rests on.

    Wrong: no `author`, no `sources`. Right: both, with names that a reader can look up.
    """
    missing = [key for key, value in (("author", document.author), ("sources", document.sources)) if not value]
    if missing:
        message = f"The header does not say {' and '.join(missing)}."
        yield rule.found(str(document.file), document.lines.get(missing[0], 1), message, f"Add '{missing[0]}: …'.")


RULES: tuple[Check[Document], ...] = (
    representative,
    patient_signature,
    date_and_time,
    clinician_signature,
    witness,
    two_identifiers,
    form_line,
    authorship,
)
CLINIC_RULES: tuple[Check[ClinicProfile], ...] = (clinic_identity,)
