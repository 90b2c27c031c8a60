"""What a form asks on a condition: C03, C17, C22, C28 and C30. Somebody may have good reason to leave it out.

Most of this the page prints by itself; then the rule sees to what the page needs for it.
"""

from collections.abc import Iterator

from clinicpress.documents import Document
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.consent_meaning import AHRQ, LANGUAGE_ACCESS, NHS, UNIVERSAL_PROTOCOL, VA, form_of
from clinicpress.lint.consent_questions import own_labels
from clinicpress.lint.phrases import phrase, said
from clinicpress.lint.rules import Check, Context, rule

PAIRED, _SIDE = phrase("conditions/paired"), phrase("conditions/side")


@rule("C03", "side-and-site", source=UNIVERSAL_PROTOCOL, severity=Severity.WARNING)
def side_and_site(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form asks for side and place where the body has two of them.

    Wrong: a form about a knee with `lateral: false`. Right: `lateral: true` and the block `procedure`.
    """
    if "C03" in document.not_applicable:
        return
    asked = "procedure" in {block.name for block in document.form_blocks}
    if any(said(_SIDE, one, document.language) for one in own_labels(document)):
        return
    if document.lateral and not asked:
        remedy = "Add the block 'procedure', which asks for side and body part."
        line = document.lines.get("blocks", document.lines.get("lateral", 1))
        yield rule.found(str(document.file), line, "The side matters, and nothing asks for it.", remedy)
    elif not document.lateral and said(PAIRED, f"{document.procedure} {document.title}", document.language):
        message = "The procedure names a part of the body that comes in pairs, and the form does not ask for the side."
        remedy = (
            "Write 'lateral: true' and add the block 'procedure', or 'not_applicable: {C03: \"…\"}' with the reason."
        )
        line = document.lines.get("lateral", document.lines.get("procedure", 1))
        yield rule.found(str(document.file), line, message, remedy, document.procedure)


SPECIAL = phrase("conditions/special")
_DENIED, _PERMITTED = phrase("conditions/special-denied"), phrase("conditions/special-told")
_INTERPRETER, _CONFIRMS = phrase("conditions/interpreter"), phrase("conditions/confirms")


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
    form, language = form_of(document, context), document.language
    planned = [one for passage in form.passages for one in passage.spoken if said(SPECIAL, one[1], language)]
    told = [sentence for _, sentence in planned if said(_PERMITTED, sentence, language)] or len(
        {text for _, text in planned}
    ) > 1
    plain = [(line, text) for line, text in planned if not said(_DENIED, text, language)]
    if plain and not told and not any(said(SPECIAL, label, language) for label in own_labels(document)):
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
    own = any(said(_INTERPRETER, label, document.language) for label in own_labels(document))
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
    own = any(said(_CONFIRMS, label, document.language) for label in own_labels(document))
    if not own and "reconfirmation" not in {block.name for block in document.form_blocks}:
        message = f"Nobody chose how long the form is good for ({document.valid_days} days are printed)."
        remedy = f"Write 'valid_days: {document.valid_days}', and add the block 'reconfirmation'."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, remedy)


RULES: tuple[Check[Document], ...] = (
    side_and_site,
    special_parts,
    leaflet_given,
    leaflet_revision,
    interpreter,
    validity,
)
