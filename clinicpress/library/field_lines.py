"""Reads the lines of a `::: fields` container: each describes a field, or is refused with what to write instead.

- Employer: text {work.employer}
- Best time to call: choice(Morning, Evening) {contact.time} half
- Notes: lines {staff.notes} max=200 required
- Your medicines: table(Name, How much, When) {medicines} rows=8
- Pain now: scale(0-10, "no pain", "worst pain") {pain.now}
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from clinicpress.documents.forms import Field, FieldKind, column_names

FIELD_KINDS = tuple(str(kind) for kind in FieldKind)
WIDTHS = {"half": 6, "third": 4}
MOST_COLUMNS, MOST_ROWS, MOST_STEPS = 6, 30, 11
FIELD = re.compile(
    r"(?P<label>.+?):\s*(?P<kind>[a-z]+)(?:\((?P<options>[^()]*)\))?"
    r"\s*\{(?P<name>[a-z][a-z0-9_.]*)\}(?P<flags>[\w=\s]*)"
)
_SCALE = re.compile(r"(\d{1,3})\s*[-\N{EN DASH}]\s*(\d{1,3})((?:\s*,\s*\"[^\"]+\")*)\s*")
_QUOTES = str.maketrans(dict.fromkeys("\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}", '"'))
_HOW = f"Write '- Label: kind {{name}}'. Kinds are {', '.join(FIELD_KINDS)}."
_HOW_TABLE = "Write '- Your medicines: table(Name, How much, When) {medicines} rows=8'."
_HOW_SCALE = 'Write \'- Pain now: scale(0-10, "no pain", "worst pain") {pain.now}\'.'


class _NoFieldError(Exception):
    """Why a line describes no field, and what to write."""

    def __init__(self, fault: str, remedy: str = _HOW) -> None:
        super().__init__(fault)
        self.fault, self.remedy = fault, remedy


def read_fields(texts: Sequence[str]) -> tuple[tuple[Field, ...], list[tuple[str, str, str]]]:
    """The fields that lines describe, and the lines that describe none, each with what is wrong and what to write."""
    fields: list[Field] = []
    faults = []
    for text in texts:
        try:
            fields.append(_read(text))
        except _NoFieldError as error:
            faults.append((text, error.fault, error.remedy))
    return tuple(fields), faults


def _read(text: str) -> Field:
    """The field that a line describes.

    `name` is letters, digits, dots and underscores. Behind it stand `required`, `max=40` (characters), and `half` or
    `third` (of the line); at a table only `rows=8` and `max=40`, at a scale only `required`. Raises `_NoFieldError`.
    """
    found = FIELD.fullmatch(text.strip())
    if found is None:
        raise _NoFieldError("the line has not this form.")
    if found["kind"] not in FIELD_KINDS:
        raise _NoFieldError(f"the kind '{found['kind']}' is unknown.")
    field = Field(found["name"], found["label"].strip(), FieldKind(found["kind"]))
    written, words = found["options"] or "", found["flags"].split()
    match field.kind:
        case FieldKind.TABLE:
            return _table(field, written, words)
        case FieldKind.SCALE:
            return _behind(_scale(field, written), words)
        case FieldKind.CHOICE | FieldKind.LIST:
            options = _options(written)
            if len(set(options)) < max(2, len(options)):
                raise _NoFieldError("it needs at least two choices, each another.")
            return _behind(replace(field, options=options), words)
    if _options(written):
        raise _NoFieldError(f"the kind '{field.kind}' has no choices.")
    return _behind(field, words)


def _behind(field: Field, words: Sequence[str]) -> Field:
    """A field with what the words behind its name say of it."""
    scale = field.kind is FieldKind.SCALE
    for word in words:
        if word == "required":
            field = replace(field, required=True)
        elif word in WIDTHS and not scale:
            field = replace(field, span=WIDTHS[word])
        elif (most := _number(word, "max", 9_999)) and not scale:
            field = replace(field, max_length=most)
        else:
            raise _NoFieldError(
                f"'{word}' is not understood{' at a scale' if scale else ''}.", _HOW_SCALE if scale else _HOW
            )
    return field


def _options(written: str) -> tuple[str, ...]:
    """Words with commas between them."""
    return tuple(option.strip() for option in written.split(",") if option.strip())


def _number(word: str, key: str, most: int) -> int:
    """The number of a word such as `max=40`; 0 when it has none from 1 to `most`."""
    found = re.fullmatch(rf"{key}=([1-9]\d{{0,3}})", word)
    return int(found[1]) if found and int(found[1]) <= most else 0


def _table(field: Field, written: str, words: Sequence[str]) -> Field:
    """A table to fill, by the heads of its columns and the words behind its name."""
    heads = _options(written)
    if not 1 <= len(heads) <= MOST_COLUMNS:
        message = f"a table has 1 to {MOST_COLUMNS} columns, and this one has {len(heads) or 'none'}."
        raise _NoFieldError(message, _HOW_TABLE)
    if len(set(column_names(heads))) < len(heads):
        raise _NoFieldError("two of its columns have the same name.", "Give each column another head.")
    field = replace(field, options=heads)
    for word in words:
        if word.startswith("rows="):
            field = replace(field, rows=_number(word, "rows", MOST_ROWS))
        elif most := _number(word, "max", 9_999):
            field = replace(field, max_length=most)
        else:
            raise _NoFieldError(f"'{word}' is not understood at a table.", _HOW_TABLE)
    if not field.rows:
        raise _NoFieldError(f"a table says how many rows it has, 1 to {MOST_ROWS}.", _HOW_TABLE)
    return field


def _scale(field: Field, written: str) -> Field:
    """A scale with its steps and the words at its ends."""
    found = _SCALE.fullmatch(written.translate(_QUOTES).strip())
    if found is None:
        raise _NoFieldError("a scale has not this form.", _HOW_SCALE)
    first, last, ends = int(found[1]), int(found[2]), tuple(re.findall(r'"\s*([^"]+?)\s*"', found[3]))
    if first >= last:
        raise _NoFieldError(f"the scale runs from {first} to {last}.", "Write the lower number first: scale(0-10, …).")
    if last - first >= MOST_STEPS:
        message = f"the scale has {last - first + 1} steps, and {MOST_STEPS} is the most."
        raise _NoFieldError(message, "Write a shorter one: scale(0-10, …) or scale(1-5, …).")
    if len(ends) != 2:
        raise _NoFieldError("a scale says what its two ends mean.", _HOW_SCALE)
    return replace(field, options=tuple(map(str, range(first, last + 1))), around=ends)
