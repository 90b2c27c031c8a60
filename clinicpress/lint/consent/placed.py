"""S, for forms only: whether what a form says and asks is where it prints."""

from collections.abc import Iterator

from clinicpress.documents import BlockPlace, ConsentForm, Document, FieldGroup, walk
from clinicpress.errors import Problem, Rule
from clinicpress.lint.consent.explained import role_not_marked_places
from clinicpress.lint.rules import Check, Context, rule

CONTENT = "How a document is written (README, 'Writing a document')"
CORE = ("C02", "C07", "C08", "C09", "C11", "C12", "C13", "C19", "C20", "C23", "C24", "C25")
"""The elements that no form can be without. Source: those that the table of consent elements requires of every form."""
_NEEDS_ROLE = {
    BlockPlace.AFTER_RISKS: "risks",
    BlockPlace.AFTER_OTHERS: "others",
    BlockPlace.STATEMENT: "statement",
    BlockPlace.SIGNING: "statement",
    BlockPlace.LATER: "statement",
}


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


@rule("S32", "block-without-place", source=CONTENT)
def block_without_place(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A block prints behind the section whose role it belongs to; without that section its boxes would be lost.

    `own-risks` and `refused` belong to `risks`, `others` to `others`, all that is signed to `statement`.

    Wrong: the block `own-risks` and no section with the role `risks`. Right: set the role, or leave the block out.
    """
    if not isinstance(document, ConsentForm):
        return
    said = {role for role, _ in role_not_marked_places(document, context)}
    for role in dict.fromkeys(_NEEDS_ROLE.values()):
        lost = [one.name for one in document.form_blocks if _NEEDS_ROLE.get(one.place) == role]
        if not lost or document.section(role) or (role != "others" and role not in said):
            continue  # without the words as well, the rule of the element has said so
        message = f"No section has the role '{role}', so these boxes would not print: {', '.join(lost)}."
        remedy = f"Set the role on the section that they belong to: '## … {{#{role}}}'."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, remedy)


@rule("S33", "core-element", source="AMA Code of Medical Ethics 2.1.1; 42 CFR 482.24(c)(4)(v), hospital benchmark")
def core_element(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Some elements apply to every treatment and cannot be called "not applicable".

    They are C02, C07, C08, C09, C11, C12, C13, C19, C20, C23, C24 and C25.

    Wrong: `not_applicable: {C11: "there is nothing else"}`. Right: a section that says so and tells of doing nothing.
    """
    if not isinstance(document, ConsentForm):
        return
    for code in sorted(set(document.not_applicable) & set(CORE)):
        message = f"{code} applies to every consent form."
        line = document.lines.get("not_applicable", 1)
        yield rule.found(str(document.file), line, message, f"Take {code} out of 'not_applicable'.", code)


RULES: tuple[Check[Document], ...] = (duplicate_field, block_without_place, core_element)
