"""S: whether a document has the parts that it needs, each once, with words in it, where they print."""

import re
from collections import Counter
from collections.abc import Iterator

from clinicpress.documents import (
    Document,
    FieldGroup,
    FieldKind,
    Figure,
    Listing,
    Table,
    walk,
    words_of,
)
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.consent_explanations import consent_roles, role_not_marked_places
from clinicpress.lint.elements import roles_of_elements
from clinicpress.lint.handout import announces, lacking, unmarked
from clinicpress.lint.phrases import Passage
from clinicpress.lint.review import left_open
from clinicpress.lint.rules import Check, Context, rule
from clinicpress.lint.terms import ready, told_in

VERY_SURE = 5.0
"""From here on (log-odds) the words of a section tell what it does, whatever its heading says."""
CONTENT = "How a document is written (docs/write.md); PIF TICK; PEMAT-P 8 to 11"


@rule("S06", "missing-role", source=CONTENT)
def missing_role(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A handout tells each thing that a patient asks first.

    What it is, how it works, what may help, what to weigh, what to expect: in the section with the role, which has to
    say it, or in other words elsewhere (then S31 names the role to set). In languages whose turns of phrase are not
    known, only the role counts. (For consent forms see the C rules.)

    Wrong: a leaflet that tells the benefits and not the drawbacks; `## What to weigh {#drawbacks}` and praise.
    Right: `## What to weigh {#drawbacks}` with at least one sentence that says what speaks against it.
    """
    elsewhere = consent_roles(document.kind) | roles_of_elements(document.kind)
    for role, what, thin in lacking(document, elsewhere):
        if thin is None:
            message = f"No section has the role '{role}', and none tells {what}."
            remedy = f"Add a section, or mark the one that does it: '## … {{#{role}}}'."
            yield rule.found(str(document.file), 1, message, remedy)
        else:
            message = f"The role '{role}' stands on '{thin.heading}', which does not tell {what}."
            remedy = f"Write there {what}, or set the role where it is told."
            yield rule.found(str(document.file), thin.line, message, remedy, thin.heading)


@rule("S07", "empty-role", source=CONTENT)
def empty_role(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A heading promises text.

    Wrong: `## What to weigh {#drawbacks}` and then the next heading. Right: write the text, or delete the heading.
    """
    for section in document.sections:
        if not section.blocks:
            message = f"The section '{section.heading}' is empty."
            remedy = "Write what it promises, or delete the heading."
            yield rule.found(str(document.file), section.line, message, remedy, section.heading)


@rule("S08", "duplicate-role", source=CONTENT)
def duplicate_role(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A role stands on one section only, so that everybody knows where to look for it.

    Wrong: two sections with `{#benefits}`. Right: one section, or the second without a role.
    """
    count = Counter(role for section in document.sections for role in section.roles)
    seen: set[str] = set()
    for section in document.sections:
        for role in section.roles:
            if count[role] > 1 and role in seen:
                message = f"The role '{role}' stands on {count[role]} sections."
                remedy = "Join the sections, or take the role off all but one."
                yield rule.found(str(document.file), section.line, message, remedy, section.heading)
            seen.add(role)


@rule("S31", "role-not-marked", source=CONTENT, severity=Severity.WARNING)
def role_not_marked(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A section that does what a role stands for has the role, so that readers and programs find it.

    The words are there, so nothing is missing. A section is named only where its sentences say what the role stands for
    and its heading announces it, or where they say it beyond doubt; else nobody can be sure, and nothing is said.

    Wrong: `## What can go wrong` with the risks and no role. Right: `## What can go wrong {#risks}`.
    """
    told = role_not_marked_places(document, context) if document.kind.elements else unmarked(document)
    for role, best in told:
        passage = best.place
        if passage is None or left_open(passage.heading) or (best.score < VERY_SURE and not announces(passage, role)):
            continue
        message = f"No section has the role '{role}'; the section '{passage.heading}' seems to do it."
        remedy = f"Set the role: '{_with_role(passage, role)}'."
        yield rule.found(str(document.file), passage.line, message, remedy, passage.heading)


def _with_role(passage: Passage, role: str) -> str:
    """The heading of a passage as it is to be written with one more role."""
    return f"## {passage.heading or '…'} {{{'.' if passage.roles else '#'}{role}}}"


@rule("S30", "misplaced-field", source=CONTENT)
def misplaced_field(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A place to write stands in a `::: fields` container. Elsewhere its line would print as words.

    Wrong: a table with the head `Sign here: signature {staff.signature}`.
    Right: the same line in `::: fields`, above or under the table.
    """
    kinds = "|".join(FieldKind)
    for section in document.sections:
        for line, words in words_of(section.blocks):
            if re.search(rf":\s*(?:{kinds})(?:\([^()]*\))?\s*\{{[a-z][\w.]*\}}", words):
                remedy = "Write it as '- Label: kind {name}' between ::: fields and :::."
                yield rule.found(str(document.file), line, "A field stands in a text or a table.", remedy, words)


_STEP = (
    r"\b(?:see|go(?:es)?(?: back)? to|back to|return to|repeat|skip|redo|follow|from|until|before|after|vea|vuelva al?"
    r"|repita|salte|siga)\s+(?:the |el |los )?(?:steps?|pasos?)\s+(\d{1,2})(?!\d)"
    r"(?:\s?(?:to|through|and|a|al|y|–|-)\s?(\d{1,2}))?"
    r"(?!\d|\s+(?:of|de|years?|days?|weeks?|months?|hours?|minutes?)\b)"
)
_LABEL = r"^(?:step|paso)\s+(\d{1,2})\b"
_BEHIND = r"(?=[.,;:)]|\s+(?:shows?|tells?|lists?|for|to see)\b|$)"
_THE_TABLE = (
    rf"(?<!on )\bthe table (?:below|above){_BEHIND}|\bthe following table\b"
    r"|\b(?:shown|listed|given|told) in the table\b|\bsee table \d|\btable \d+ (?:shows|lists|tells)\b"
    r"|\btabla (?:de abajo|de arriba|siguiente)\b|\bsiguiente tabla\b"
)
_DRAWN = r"(?:picture|drawing|figure|diagram|illustration|photo)"
_THE_FIGURE = (
    rf"\bthe {_DRAWN}s? (?:below|above){_BEHIND}|\bthe following {_DRAWN}\b|\bsee (?:figure|picture) \d"
    r"|\b(?:dibujo|figura|imagen) (?:de abajo|de arriba|siguiente)\b"
)


def _labels(document: Document) -> list[tuple[int, int, str]]:
    """The labels "Step 3" of a document by their lines, each with its number and the text that it begins."""
    texts = dict.fromkeys((*((one.line, one.heading) for one in document.sections), *document.texts()))
    return sorted((line, int(found[1]), text) for line, text in texts if (found := ready(_LABEL).match(text)))


def _last_step(document: Document) -> int:
    """The highest number that a step has: in a numbered list, or as a label; 0 where no steps are numbered."""
    lists = (one for one in walk(tuple(document.blocks())) if isinstance(one, Listing))
    numbered = (one.start + len(one.items) - 1 for one in lists if one.start is not None)
    return max((*numbered, *(number for _, number, _ in _labels(document))), default=0)


def _left_out(document: Document) -> Iterator[tuple[int, int, int, str]]:
    """Steps that do not go on: the line, the number before, the number there, and its text.

    Where labels begin again at 1, that is another row of steps.
    """
    before = 0
    for line, number, text in _labels(document):
        if before and number > before + 1:
            yield line, before, number, text
        before = number


@rule("S41", "missing-reference", source=CONTENT, severity=Severity.WARNING)
def missing_reference(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """What a text refers to is there: the step, the table, the picture.

    A text that was shortened, or taken over in parts, sends its reader to what was left behind. Steps that are counted
    in words ("Step 1") go on without a gap.

    Wrong: "Go back to step 7", under a list of five. "See the table below", and there is none.
    Right: the number of the step that is meant; the table, or the words without it.
    """
    for line, before, number, text in _left_out(document):
        message, remedy = f"Step {number} comes after step {before}.", "Add what is left out, or count again."
        yield rule.found(str(document.file), line, message, remedy, text)
    there = {type(one) for one in walk(tuple(document.blocks()))}
    for told in told_in(document, "step|paso|tabl|pictur|drawing|figur|diagram|illustr|photo|dibujo|imagen"):
        steps = [int(number) for found in ready(_STEP).findall(told.sentence) for number in found if number]
        message = ""
        if steps and 0 < (last := _last_step(document)) < max(steps):
            message = f"There is no step {max(steps)}: the last one is step {last}."
        elif not {Table, FieldGroup} & there and ready(_THE_TABLE).search(told.sentence):
            message = "There is no table in this text."
        elif Figure not in there and ready(_THE_FIGURE).search(told.sentence):
            message = "There is no picture in this text."
        if message:
            remedy = "Refer to what is there, or add it."
            yield rule.found(str(document.file), told.line, message, remedy, told.sentence)


RULES = (missing_role, empty_role, duplicate_role, role_not_marked, misplaced_field, missing_reference)

PRINTED = "How a document is written (docs/write.md)"


@rule("S28", "duplicate-field", source="ISO 32000-1, 12.7.3.2: fields of one name are one field")
def duplicate_field(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Every field has a name of its own: two fields of one name would fill each other.

    Wrong: an own field `{patient.name}` beside the block `identification`. Right: another name.
    """
    seen: set[str] = set()
    lines = {
        one.name: block.line
        for block in walk(tuple(document.blocks()))
        if isinstance(block, FieldGroup)
        for field in block.fields
        for one in field.places()
    }
    for one in document.fields():
        if one.name in seen:
            message = f"Two fields are called '{one.name}'."
            line = lines.get(one.name, document.lines.get("blocks", 1))
            yield rule.found(str(document.file), line, message, "Give one of them another name.", one.label)
        seen.add(one.name)


@rule("S32", "block-without-place", source=PRINTED)
def block_without_place(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A block prints behind the section whose role it belongs to; without that section its boxes would be lost.

    `own-risks` and `refused` belong to `risks`, `others` to `others`, all that is signed to `statement`.

    Wrong: the block `own-risks` and no section with the role `risks`. Right: set the role, or leave the block out.
    """
    if not document.form_blocks:
        return
    said = {role: best.place for role, best in role_not_marked_places(document, context)}
    known = {*said, *(set(document.kind.roles) - consent_roles(document.kind))}
    for role in dict.fromkeys(one.role for one in document.form_blocks if one.role):
        lost = [one.name for one in document.form_blocks if one.role == role]
        if not lost or document.section(role) or (role != "others" and role not in known):
            continue  # without the words as well, the rule of the element has said so
        message = f"No section has the role '{role}', so these boxes would not print: {', '.join(lost)}."
        place = said.get(role)
        where = f"'{_with_role(place, role)}'" if place else f"'## … {{#{role}}}'"
        remedy = f"Set the role on the section that they belong to: {where}."
        yield rule.found(str(document.file), document.lines.get("blocks", 1), message, remedy)


@rule("S33", "core-element", source="AMA Code of Medical Ethics 2.1.1; 42 CFR 482.24(c)(4)(v), hospital benchmark")
def core_element(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Some elements apply to every treatment and cannot be called "not applicable".

    They are C02, C07, C08, C09, C11, C12, C13, C19, C20, C23, C24 and C25.

    Wrong: `not_applicable: {C11: "there is nothing else"}`. Right: a section that says so and tells of doing nothing.
    """
    known = document.kind.elements  # reading has told of a code that is none
    for code in sorted(code for code in document.not_applicable if code in known and known[code].core):
        message = f"{code} applies to every {document.kind.called.lower()}."
        line = document.lines.get("not_applicable", 1)
        yield rule.found(str(document.file), line, message, f"Take {code} out of 'not_applicable'.", code)


FORM_RULES: tuple[Check[Document], ...] = (duplicate_field, block_without_place, core_element)
