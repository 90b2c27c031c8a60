"""Reads files from disk, carefully: text that prints."""

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from clinicpress.errors import InputError, Problem
from clinicpress.files import read_file
from clinicpress.letters import unprintable_character
from clinicpress.library.rules import NAME_MISMATCH, UNREADABLE_TEXT

ENCODINGS = ("utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-15", "macintosh")
"""How the letters of a clinic's own file may be stored. Ours are in UTF-8."""
MAX_TEXT = 1_000_000  # bytes: some 300 pages of text
MAX_PARTS = 40  # of a key of TOML, `brand.color` has two: Python's reader takes a second for some thousand
_MANY_PARTS = re.compile(rf"(?:\.[ \t]*+[\w\"'-]++[ \t]*+){{{MAX_PARTS}}}")


_KEY = re.compile(r"""[A-Za-z0-9_."' -]+|"[^"]+"|'[^']+'""")
_INNER = re.compile(r"(?<![A-Za-z0-9_-])([A-Za-z0-9_-]++)\s*+=")
_TABLE = re.compile(r"^\s*\[+([A-Za-z0-9_. -]+)\]")
MAX_ROW = 4_000  # letters of a row of a file of settings: the TOML library needs the square of a row's length


def is_file(path: Path) -> bool:
    """Whether a file is there. A name that leads nowhere (too long, with a NUL, a link to itself) has none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def lies_in(path: Path, folder: Path) -> bool:
    """Whether a file is there, in a folder or below it."""
    try:
        return path.resolve().is_relative_to(folder.resolve()) and is_file(path)
    except (OSError, ValueError, RuntimeError):
        return False


def long_row(text: str) -> int:
    """The number of the first row that is too long for a file of settings; 0 when there is none."""
    return next((number for number, row in enumerate(text.split("\n"), 1) if len(row) > MAX_ROW), 0)


def quoted(text: str) -> str:
    """A text in quotes, as TOML and YAML read it. It holds no control characters: then JSON writes it as they do."""
    return json.dumps(str(text), ensure_ascii=False)


def read_bytes(path: Path, limit: int) -> bytes:
    """The bytes of a file of at most `limit` bytes.

    Raises `InputError` when the file cannot be read or is larger.
    """
    try:
        data = read_file(path, limit)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Check the name and who may read it.") from error
    if len(data) > limit:
        raise InputError(f"{path} is larger than {limit // 1_000_000} MB. Split it, or take the right file.")
    return data


def toml_values(text: str) -> dict[str, object]:
    """The keys and values of a text of TOML. Raises `ValueError`, whose words say why it is none, with the line."""
    if found := _MANY_PARTS.search(text):
        raise ValueError(f"a key has more than {MAX_PARTS} parts (at line {text[: found.start()].count(chr(10)) + 1})")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        deep = next(
            (number for number, row in enumerate(text.split("\n"), 1) if row.count("[") + row.count("{") > 20), 1
        )
        raise ValueError(f"it has too many brackets within each other (at line {deep})") from None
    except ValueError:  # Python refuses to read one of 5,000
        raise ValueError("a number has too many digits") from None


def toml_lines(text: str) -> dict[str, int]:
    """On which line each key stands: `name`, or `brand.color` inside a table; tomllib does not tell."""
    lines: dict[str, int] = {}
    prefix = ""
    quoted = ""  # the quotes of a text that goes over several lines
    for number, row in enumerate(text.split("\n"), 1):
        if not quoted:
            if table := _TABLE.match(row):
                prefix = table[1].strip() + "."
                lines.setdefault(table[1].strip(), number)
            elif "=" in row and _KEY.fullmatch(key := row.partition("=")[0].strip()):
                name = prefix + re.sub(r"[\s\"']", "", key)
                lines.setdefault(name, number)
                lines.setdefault(name.partition(".")[0], number)
                for inner in _INNER.findall(row.partition("{")[2]):
                    lines.setdefault(f"{name}.{inner}", number)
        for quotes in ('"""', "'''"):
            if row.count(quotes) % 2 and quoted in ("", quotes):
                quoted = "" if quoted else quotes
    return lines


def read_text(path: Path) -> tuple[str, list[Problem]]:
    """The text of a file in one form (UTF-8, one kind of line end, Unicode NFC), and what in it cannot be printed.

    Control characters, lone surrogates, non-characters and bidirectional overrides are refused by name: they can make
    a page read differently from its text. Source: Unicode Technical Report 36; Unicode Standard Annex 15 (NFC).
    """
    data = read_bytes(path, MAX_TEXT)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"The file is not UTF-8 text (byte {data[error.start]:#04x})."
        remedy = "Save it again as UTF-8: in Word 'Plain text, Unicode (UTF-8)', in Notepad 'Encoding: UTF-8'."
        return "", [UNREADABLE_TEXT.found(str(path), line, message, remedy)]
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text, list(_unprintable(path, text))


def _unprintable(path: Path, text: str) -> Iterator[Problem]:
    """Findings for characters that have no place in a printed text."""
    for number, line in enumerate(text.split("\n"), 1):
        if fault := unprintable_character(line.replace("\t", " ")):
            message = f"The text holds {fault}, which does not print."
            yield UNREADABLE_TEXT.found(str(path), number, message, "Retype the word that holds it.", line.strip())


def odd_name(path: Path) -> Problem | None:
    """What is wrong with the names of a topic and its file: they stand on screens, in lists and in what is printed."""
    name = f"{path.parent.name}/{path.name}"
    if name.isprintable():
        return None
    shown = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in str(path))
    message = "The name of this folder or file holds a sign that cannot be shown, or bytes that are no text (UTF-8)."
    remedy = "Rename it: letters, digits and hyphens are safe."
    return NAME_MISMATCH.found(shown, 0, message, remedy)
