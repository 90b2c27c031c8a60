"""A file `fixed.en.toml` and the PDF beside it become a fixed form: whose it is, which edition, and its very bytes."""

import hashlib
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from clinicpress.documents import Document, FixedForm, Kind, Review, ReviewState, Revision, judged, text_name
from clinicpress.documents.composition import OWN
from clinicpress.documents.fixed import block_of_facts
from clinicpress.errors import InputError, Problem
from clinicpress.library.files import MAX_ROW, lies_in, long_row, read_bytes, read_text, toml_lines, toml_values
from clinicpress.library.headers import form_number, language_of, name_faults
from clinicpress.library.keys import Keys
from clinicpress.library.kinds import own_values
from clinicpress.library.records import read_reviews
from clinicpress.library.rules import BAD_FRONT_MATTER, MISSING_KEY, NO_FIXED_FILE, WRONG_TYPE

MAX_FORM = 20_000_000  # bytes: the longest official forms have a tenth
_DIGEST = re.compile(r"[0-9a-f]{64}")
_REMEDY = 'Write each entry as: name = "value".'


def read_fixed(path: Path, kind: Kind, today: date | None) -> tuple[Document | None, list[Problem]]:
    """A fixed form as far as it can be read, and every problem that reading it found."""
    text, problems = read_text(path)
    if not text:
        return None, problems or [BAD_FRONT_MATTER.found(str(path), 1, "The file is empty.", _REMEDY)]
    if row := long_row(text):
        message = f"The row is longer than {MAX_ROW:,} letters."
        return None, [*problems, BAD_FRONT_MATTER.found(str(path), row, message, "Shorten it.")]
    try:
        values = toml_values(text)
    except ValueError as error:
        line = int(found[1]) if (found := re.search(r"line (\d+)", str(error))) else 1
        return None, [*problems, BAD_FRONT_MATTER.found(str(path), line, f"It cannot be read: {error}.", _REMEDY)]
    lines = toml_lines(text)
    keys = Keys(path, values, lines)
    keys.word("kind", (str(kind),), str(kind))
    fixed = _fixed(keys, path)
    digest = hashlib.sha256(f"{text}\0{fixed.digest}".encode()).hexdigest()
    document = Document(
        kind=kind,
        topic=path.parent.name,
        title=keys.text("title"),
        language=language_of(keys),
        form=form_number(keys),
        effective=keys.date("effective"),
        review_by=keys.date("review_by"),
        author=fixed.owner,
        sources=(),
        opening=(),
        sections=(),
        revision=Revision(digest),
        composition=MappingProxyType({OWN: digest}),
        review=Review(ReviewState.DRAFT),
        file=path,
        lines=MappingProxyType(lines),
        form_blocks=(block_of_facts(fixed.fill),) if fixed.fill else (),
        own=own_values(kind, keys),
        fixed=fixed,
    )
    keys.refuse_unknown()
    records, faults = read_reviews(path.parent)
    review = judged(digest, records.get(text_name(path), ()), today)
    return replace(document, review=review), [*problems, *keys.problems, *name_faults(path, document), *faults]


def _fixed(keys: Keys, path: Path) -> FixedForm:
    """What the file says of the form; what is wrong with it is noted in `keys`."""
    expires = keys.date("expires", required=False) if "expires" in keys.values else None
    edition = keys.text("edition", required=False)
    keys.known("expires")
    if not edition and "expires" not in keys.values:
        message = "Neither 'edition' nor 'expires' says which edition of the form it is."
        remedy = 'Write what is printed on it: edition = "03/2026", or expires = 2029-01-31.'
        keys.problems.append(MISSING_KEY.found(keys.file, 1, message, remedy))
    pinned = keys.text("sha256").lower()
    if pinned and not _DIGEST.fullmatch(pinned):
        message = "'sha256' is no SHA-256: that has 64 digits 0 to 9 and a to f."
        remedy = f"The file has it from: sha256sum {keys.values.get('file', 'FILE.pdf')}"
        keys.problems.append(WRONG_TYPE.found(keys.file, keys.line("sha256"), message, f"{remedy}.", pinned))
        pinned = ""
    name = keys.text("file")
    data = _data(keys, path, name) if name else b""
    return FixedForm(
        owner=keys.text("owner"),
        edition=edition,
        expires=expires,
        file=path.parent / name,
        data=data,
        digest=hashlib.sha256(data).hexdigest() if data else "",
        pinned=pinned,
        fill=MappingProxyType(dict(keys.table("fill"))),
        cover=keys.flag("cover"),
    )


def _data(keys: Keys, path: Path, name: str) -> bytes:
    """The bytes of the form, which lies beside the file that names it."""
    message, remedy = "", 'Put it into the folder of the topic, and write its name only: file = "abn.pdf".'
    if "/" in name or "\\" in name or "\0" in name or not lies_in(path.with_name(name), path.parent):
        message = f"There is no file '{name}' in {path.parent}."
    else:
        try:
            if data := read_bytes(path.with_name(name), MAX_FORM):
                return data
            message = f"'{name}' is empty."
        except InputError as error:
            message, remedy = f"'{name}' cannot be taken: {error}", "Put a sound copy of at most 20 MB there."
    keys.problems.append(NO_FIXED_FILE.found(keys.file, keys.line("file"), message, remedy, name))
    return b""
