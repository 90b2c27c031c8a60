"""Reads the lines of a `::: fields` container: each describes a field.

- Employer: text {work.employer}
- Best time to call: choice(Morning, Evening) {contact.time} half
- Notes: lines {staff.notes} max=200 required
"""

import re
from collections.abc import Sequence

from clinicpress.documents.forms import Field, FieldKind

KINDS = tuple(str(kind) for kind in FieldKind)
HOW_TO_WRITE_A_FIELD = f"Write '- Label: kind {{name}}'. Kinds are {', '.join(KINDS)}."
WIDTHS = {"half": 6, "third": 4}
FIELD = re.compile(
    r"(?P<label>.+?):\s*(?P<kind>[a-z]+)(?:\((?P<options>[^()]*)\))?"
    r"\s*\{(?P<name>[a-z][a-z0-9_.]*)\}(?P<flags>[\w=\s]*)"
)


def read_fields(texts: Sequence[str]) -> tuple[tuple[Field, ...], list[tuple[str, str]]]:
    """The fields that lines describe, and the lines that describe none, each with what is wrong."""
    read = [(text, *read_field(text)) for text in texts]
    return tuple(one for _, one, _ in read if one is not None), [
        (text, fault) for text, one, fault in read if one is None
    ]


def read_field(text: str) -> tuple[Field | None, str]:
    """The field that a line describes, or what is wrong with it.

    `name` is letters, digits, dots and underscores. Behind it stand `required`, `max=40` (characters), and `half` or
    `third` (of the line).
    """
    found = FIELD.fullmatch(text.strip())
    if found is None:
        return None, "the line has not this form."
    if found["kind"] not in KINDS:
        return None, f"the kind '{found['kind']}' is unknown."
    kind = FieldKind(found["kind"])
    options = tuple(option.strip() for option in (found["options"] or "").split(",") if option.strip())
    if kind in (FieldKind.CHOICE, FieldKind.LIST):
        if len(set(options)) < max(2, len(options)):
            return None, "it needs at least two choices, each another."
    elif options:
        return None, f"the kind '{kind}' has no choices."
    span, length, required = 12, 0, False
    for word in found["flags"].split():
        if word == "required":
            required = True
        elif word in WIDTHS:
            span = WIDTHS[word]
        elif re.fullmatch(r"max=[1-9]\d{0,3}", word):
            length = int(word.removeprefix("max="))
        else:
            return None, f"'{word}' is not understood."
    label = found["label"].strip()
    return Field(found["name"], label, kind, span, options=options, required=required, max_length=length), ""
