"""Who signs a form and what it asks on a condition: C01, C03, C17, C22 to C28, C30, C34 to C36.

Most of this the page prints by itself; then the rule sees to what the page needs for it.
"""

from collections.abc import Iterator
from datetime import date

from clinicpress.clinics import ClinicProfile
from clinicpress.documents import Document, FieldGroup, FieldKind, walk
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.consent_meaning import (
    AHRQ,
    CMS,
    CMS_GUIDANCE,
    IDENTIFIERS,
    LANGUAGE_ACCESS,
    NHS,
    PIF,
    RECORDS,
    UNIVERSAL_PROTOCOL,
    VA,
    form_of,
)
from clinicpress.lint.consent_questions import own_labels
from clinicpress.lint.phrases import said
from clinicpress.lint.rules import Check, Context, rule

PAIRED = (
    r"\b(knees?|shoulders?|elbows?|wrists?|hands?|fingers?|thumbs?|toes?|toenails?|fingernails?|foot|feet|ankles?"
    r"|heels?"
    r"|hips?|legs?|arms?|eyes?|eyelids?|ears?|breasts?|kidneys?|ovar(y|ies)|testic\w+|carpal|groin|left|right side"
    r"|thighs?|calf|forearms?|jaw|cheeks?|nostrils?)\b"
)


@rule("C03", "side-and-site", source=UNIVERSAL_PROTOCOL, severity=Severity.WARNING)
def side_and_site(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form asks for side and place where the body has two of them.

    Wrong: a form about a knee with `lateral: false`. Right: `lateral: true` and the block `procedure`.
    """
    if "C03" in document.not_applicable:
        return
    asked = "procedure" in {block.name for block in document.form_blocks}
    if any(
        said(r"\b(side|left|right|body part|which (knee|eye|ear|hand|foot|one))\b", one) for one in own_labels(document)
    ):
        return
    if document.lateral and not asked:
        remedy = "Add the block 'procedure', which asks for side and body part."
        line = document.lines.get("blocks", document.lines.get("lateral", 1))
        yield rule.found(str(document.file), line, "The side matters, and nothing asks for it.", remedy)
    elif not document.lateral and said(PAIRED, f"{document.procedure} {document.title}"):
        message = "The procedure names a part of the body that comes in pairs, and the form does not ask for the side."
        remedy = (
            "Write 'lateral: true' and add the block 'procedure', or 'not_applicable: {C03: \"…\"}' with the reason."
        )
        line = document.lines.get("lateral", document.lines.get("procedure", 1))
        yield rule.found(str(document.file), line, message, remedy, document.procedure)


SPECIAL = (
    r"\b(sedat\w+|general an(a)?esthe\w+|put to sleep|asleep during|transfus\w+|donor blood|implants?"
    r"|photograph\w*|photos?"
    r"|pictures? of you|video|film you)\b"
)
DENIED = r"\b(no|not|without|never|none|have an|had an|with an|if you|earlier|existing|old)\b"
PERMITTED = r"\b(may|can|risks?|rare|drows\w+|drive|permission|agree|only if|say no|choose|refuse|wear off|card)\b"


@rule(
    "C17", "special-parts", source=f"{NHS}; Joint Commission RI.01.03.01, hospital benchmark", severity=Severity.WARNING
)
def special_parts(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form that plans sedation, blood, an implant or photographs says what that means, or asks about it.

    It is a guess from words, and so a warning; `not_applicable` with a reason ends it.

    Wrong: 'We give you a sedative', and nothing more on it.
    Right: 'The sedative makes you drowsy. Do not drive that day.'
    """
    if "C17" in document.not_applicable:
        return
    form = form_of(document, context)
    planned = [one for passage in form.passages for one in passage.spoken if said(SPECIAL, one[1])]
    told = [sentence for _, sentence in planned if said(PERMITTED, sentence)] or len({text for _, text in planned}) > 1
    plain = [(line, text) for line, text in planned if not said(DENIED, text)]
    if plain and not told and not any(said(SPECIAL, label) for label in own_labels(document)):
        line, text = plain[0]
        message = "Sedation, blood, an implant or photographs are planned, and the form says no more about it."
        yield rule.found(
            str(document.file), line, message, "Say what it means for the patient, or ask in a field.", text
        )


@rule("C22", "leaflet-given", source=NHS, severity=Severity.WARNING)
def leaflet_given(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form names the leaflet that goes with it; its title, number, revision and date are printed in the statement.

    Wrong: no `handout` in the header. Right: `handout: ear-rinse`.
    """
    if not document.handout and "C22" not in document.not_applicable:
        message = "The form names no leaflet, so it cannot say what the patient got to read."
        remedy = "Add 'handout: …' with its topic, or 'not_applicable: {C22: \"…\"}' with the reason."
        yield rule.found(str(document.file), 1, message, remedy)


@rule("C22", "leaflet-revision", source="NHS model consent forms; house rule: the leaflet is bound to the form")
def leaflet_revision(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form names the version of the leaflet that it was written for, and that version is the one on the shelf.

    Wrong: `handout_revision: 550d4440` when the handout was changed since. Right: read the form against the new
    leaflet, then write the new revision (`list` shows it).
    """
    if document.leaflet is None or not document.handout_revision:
        return
    found, named = document.leaflet.revision, document.handout_revision
    if not found.digest.startswith(named):
        message = f"The form names revision {named} of its leaflet; on the shelf is revision {found}."
        remedy = f"Read the form against the leaflet, then write 'handout_revision: {found}'."
        yield rule.found(str(document.file), document.lines.get("handout_revision", 1), message, remedy, named)


@rule("C28", "interpreter", source=f"{NHS}; {LANGUAGE_ACCESS}; {AHRQ}", severity=Severity.WARNING)
def interpreter(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Every form has the interpreter's block: name or ID, language, mode, statement and signature, or 'declined'.

    Wrong: a form without it, because 'our patients speak English'. Right: the block `interpreter` in every form.
    """
    if "C28" in document.not_applicable:
        return
    own = any(said(r"\binterpret", label) for label in own_labels(document))
    if not own and "interpreter" not in {block.name for block in document.form_blocks}:
        message = "The form has no place for an interpreter."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, "Add the block 'interpreter'.")


@rule("C30", "validity", source=f"{NHS}; {VA} (60 days)", severity=Severity.WARNING)
def validity(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form says how long it is good for, and has a place to confirm it on the day of treatment.

    Wrong: neither `valid_days` nor the block `reconfirmation`. Right: `valid_days: 60` and the block.
    """
    if "C30" in document.not_applicable or "valid_days" in document.lines:
        return
    own = any(said(r"still (agree|want)|confirm|on the day", label) for label in own_labels(document))
    if not own and "reconfirmation" not in {block.name for block in document.form_blocks}:
        message = f"Nobody chose how long the form is good for ({document.valid_days} days are printed)."
        remedy = f"Write 'valid_days: {document.valid_days}', and add the block 'reconfirmation'."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, remedy)


CONDITIONAL_RULES: tuple[Check[Document], ...] = (
    side_and_site,
    special_parts,
    leaflet_given,
    leaflet_revision,
    interpreter,
    validity,
)


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


def _kinds(form: Document, label: str) -> set[FieldKind]:
    """The kinds of the author's own fields whose labels say a thing."""
    groups = (block for block in walk(tuple(form.blocks())) if isinstance(block, FieldGroup))
    return {one.kind for block in groups for one in block.fields if said(label, one.label)}


STAFF = r"clinician|doctor|nurse|practitioner|physician|surgeon|witness|interpret|therapist|staff|provider|dentist"
NOT_STAFF = rf"^(?!.*\b({STAFF}))"


@rule("C23", "representative", source=CMS)
def representative(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form asks whether the patient signs or somebody for the patient, who that is, and by which right.

    Wrong: one line 'Signature' for whoever comes. Right: the block `attestation`.
    """
    if _block(document, "attestation"):
        return
    pattern = r"representative|relation|guardian|parent|authority|on behalf|for the patient|proxy|power of attorney"
    if not any(said(pattern, label) for label in own_labels(document)):
        message = "Nothing asks who signs when the patient cannot, and by which right."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, "Add the block 'attestation'.")


@rule("C24", "patient-signature", source=CMS)
def patient_signature(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """The patient, or who signs for the patient, has a box to sign.

    Wrong: a form that only the clinician signs. Right: the block `attestation`.
    """
    if _block(document, "attestation"):
        return
    if FieldKind.SIGNATURE not in _kinds(document, NOT_STAFF):
        message = "The patient has no place to sign."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, "Add the block 'attestation'.")


@rule("C25", "date-and-time", source=CMS)
def date_and_time(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Beside the patient's signature stand the date AND the time.

    Wrong: a signature and a date. Right: the block `attestation`, which asks for both.
    """
    if _block(document, "attestation"):
        return
    if not {FieldKind.DATE, FieldKind.TIME} <= _kinds(document, NOT_STAFF):
        message = "The patient's signature has no date and time beside it."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, "Add the block 'attestation'.")


@rule("C26", "clinician-signature", source=f"{CMS_GUIDANCE}; {NHS}", severity=Severity.WARNING)
def clinician_signature(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """The clinician signs too, with name, title, date and time.

    Wrong: a form that only the patient signs. Right: the block `clinician`.
    """
    if _block(document, "clinician") or "C26" in document.not_applicable:
        return
    staff = rf"\b({STAFF.replace('|witness|interpret', '')})"
    if FieldKind.SIGNATURE not in _kinds(document, staff):
        message = "The clinician has no place to sign."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, "Add the block 'clinician'.")


@rule("C27", "witness", source=CMS_GUIDANCE, severity=Severity.WARNING)
def witness(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """There is a place for a witness, who is needed when a patient makes a mark instead of a signature.

    Wrong: no block `witness`. Right: the block; it stays empty when nobody is needed.
    """
    if _block(document, "witness") or "C27" in document.not_applicable:
        return
    if not any(said(r"\bwitness", label) for label in own_labels(document)):
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
    if not (
        any(said(r"\bname\b", one) for one in labels) and any(said(r"birth|record|MRN|number", one) for one in labels)
    ):
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
