"""S: whether a document has the parts that it needs, each once, with words in it."""

import re
from collections import Counter
from collections.abc import Iterator

from clinicpress.documents import REQUIRED_ROLES, Document, FieldKind, Kind, words_of
from clinicpress.errors import Problem, Rule
from clinicpress.lint.rules import Context, rule

CONTENT = "How a document is written (README, 'Writing a document'); PIF TICK; PEMAT-P 8 to 11"


@rule("S06", "missing-role", source=CONTENT)
def missing_role(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A handout has a section for each thing that a patient asks first.

    What it is, how it works, what may help, what to weigh, what to expect. (For consent forms see the C rules.)

    Wrong: a leaflet that tells the benefits and not the drawbacks.
    Right: `## What to weigh {#drawbacks}` with at least one sentence.
    """
    if document.kind is not Kind.HANDOUT:
        return
    for role in REQUIRED_ROLES[Kind.HANDOUT]:
        if document.section(role) is None:
            message = f"No section has the role '{role}'."
            remedy = f"Add a section, or mark the one that does it: '## … {{#{role}}}'."
            yield rule.found(str(document.file), 1, message, remedy)


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


RULES = (missing_role, empty_role, duplicate_role, misplaced_field)
