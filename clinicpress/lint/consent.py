"""C: whether a consent form holds what it must. Codes as in the table of consent elements (DESIGN.md, "Consent").

Hospital rules (CMS, Joint Commission) bind hospitals; for a free-standing clinic they are a benchmark, and state law
decides. So far this family sees to the sections; a form without one of them is not printed.
"""

from collections.abc import Iterator

from clinicpress.documents import ConsentForm, Document, FieldGroup, walk
from clinicpress.errors import Problem, Rule
from clinicpress.lint.rules import Check, Context, rule

CMS = "42 CFR 482.24(c)(4)(v), hospital benchmark"
AMA = "AMA Code of Medical Ethics 2.1.1"
GMC = "GMC Decision making and consent (2020)"
TJC = "Joint Commission RI.01.03.01, hospital benchmark"
AHRQ = "AHRQ Making Informed Consent an Informed Choice"


def _section(code: str, role: str, what: str, *sources: str) -> Check[Document]:
    """The rule that a consent form has the section of a role. None of these can be "not applicable"."""

    @rule(code, "missing-role", source="; ".join(sources))
    def missing(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
        if not isinstance(document, ConsentForm) or document.section(role):
            return
        message = f"The form does not say {what}: no section has the role '{role}'."
        remedy = f"Add '## … {{#{role}}}', or the role to the section that says it ('{{#risks .{role}}}')."
        yield rule.found(str(document.file), 1, message, remedy)

    manual = f"A consent form says {what}: a section with the role '{role}'."
    return Check(Rule(code, "missing-role", manual, missing.rule.source), missing.find)


@rule("C22", "leaflet-revision", source="NHS model consent forms; house rule: the leaflet is bound to the form")
def leaflet_revision(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form names the version of the leaflet that it was written for, and that version is the one on the shelf.

    Wrong: `handout_revision: 550d4440` when the handout was changed since. Right: read the form against the new
    leaflet, then write the new revision (`list` shows it).
    """
    if not isinstance(document, ConsentForm) or document.leaflet is None or not document.handout_revision:
        return
    found, named = document.leaflet.revision, document.handout_revision
    if not found.digest.startswith(named):
        message = f"The form names revision {named} of its leaflet; on the shelf is revision {found}."
        remedy = f"Read the form against the leaflet, then write 'handout_revision: {found}'."
        yield rule.found(str(document.file), document.lines.get("handout_revision", 1), message, remedy, named)


@rule("S28", "duplicate-field", source="ISO 32000-1, 12.7.3.2: fields of one name are one field")
def duplicate_field(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Every field has a name of its own: two fields of one name would fill each other.

    Wrong: an own field `{patient.name}` beside the block `identification`. Right: another name.
    """
    if not isinstance(document, ConsentForm):
        return
    seen: set[str] = set()
    lines = {
        one.name: block.line
        for block in walk(tuple(document.blocks()))
        if isinstance(block, FieldGroup)
        for one in block.fields
    }
    for one in document.fields():
        if one.name in seen:
            message = f"Two fields are called '{one.name}'."
            line = lines.get(one.name, document.lines.get("blocks", 1))
            yield rule.found(str(document.file), line, message, "Give one of them another name.", one.label)
        seen.add(one.name)


RULES = (
    _section("C02", "definition", "what the procedure is, in plain words", CMS, AMA, TJC),
    _section("C07", "expect", "what will happen, how long it takes, and what to do afterwards", AMA, TJC, GMC),
    _section("C08", "benefits", "what may help, and how sure that is", CMS, AMA, TJC, GMC),
    _section("C09", "risks", "what can go wrong, common and serious", CMS, GMC),
    _section("C11", "alternatives", "what else can be done, with benefits and risks", CMS, AMA, TJC, GMC),
    _section("C12", "no-treatment", "what may follow from doing nothing", AMA, GMC, TJC),
    _section("C13", "statement", "what the person who signs states", CMS),
    _section("C19", "voluntary", "that the patient may refuse, and may withdraw after signing", AMA, TJC),
    _section("C20", "questions", "whom to ask and to call", GMC, AHRQ),
    leaflet_revision,
    duplicate_field,
)
