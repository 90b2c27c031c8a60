"""Looks at a file before it is read: what it really is, how its letters are stored, which language it is in."""

import codecs
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from clinicpress.errors import InputError
from clinicpress.letters import unprintable_character
from clinicpress.library.files import ENCODINGS, read_bytes
from clinicpress.library.imports.tags import Found

MAX_FILE = 20_000_000  # bytes of a file as it lies on disk; Word files may hold pictures
MAX_TEXT = 2_000_000  # bytes of text; 200 pages have some 700,000
MAX_UNPACKED = 30_000_000  # bytes of the parts of a Word file that are read; 200 pages have some 3,000,000
MOST_NAMED = 30  # characters that cannot print, each named once
MAX_PARTS = 5_000  # files in a Word file
_TEXT_PARTS = (".xml", ".rels")
_AT_ONCE = 65_536  # bytes
_LOCAL = b"PK\x03\x04"  # what each part of a packed file begins with


class FileKind(StrEnum):
    """What kinds of files can be taken over."""

    WORD = ".docx"
    OPEN = ".odt"
    TEXT = ".txt"
    MARKDOWN = ".md"
    WEB = ".html"


_SUFFIXES = dict.fromkeys((".docx", ".dotx", ".docm", ".dotm"), FileKind.WORD)
_SUFFIXES |= dict.fromkeys((".odt", ".ott"), FileKind.OPEN)
_SUFFIXES |= {".txt": FileKind.TEXT, ".md": FileKind.MARKDOWN, ".markdown": FileKind.MARKDOWN}
_SUFFIXES |= {".html": FileKind.WEB, ".htm": FileKind.WEB}
_AS_WORD = "Open it in its own program, save it as a Word document (.docx), and import that."
_NOT_OURS = (
    (b"%PDF", "a PDF", "Take the file that it was made from (.docx), or copy its text into a .txt file."),
    (b"{\\rtf", "a rich-text file (RTF)", _AS_WORD),
    (b"\x89PNG", "a picture", "Type its words into a .txt file."),
    (b"\xff\xd8\xff", "a picture", "Type its words into a .txt file."),
    (b"GIF8", "a picture", "Type its words into a .txt file."),
    (b"MIME-Version:", "a web archive", "Save the page as 'Webpage, HTML only' (.html)."),
    (b"\x1f\x8b", "a packed file", "Unpack it first."),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Office files, and new ones with a password ([MS-OFFCRYPTO] 2.3)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE)
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_BOMS += ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_PLAIN = {0xA0: " ", 0x2007: " ", 0x202F: " ", 0xAD: None, 0x200B: None, 0x2060: None, 0xFEFF: None, 0x0B: "\n"}
_PLAIN |= {0x2028: "\n", 0x2029: "\n\n", 0x0C: "\n\n", 0x85: "\n", 0xF0B7: "•", 0xF0A7: "•", 0x09: " "}


def look_at(path: Path) -> tuple[FileKind, bytes]:
    """The kind of a file and its bytes.

    Raises `InputError` when it cannot be read, is empty or too large, or is not what its name says.
    """
    data = read_bytes(path, MAX_FILE)
    if not data.strip():
        raise InputError(f"{path} is empty. Take the file that holds the text.")
    named = _SUFFIXES.get(path.suffix.lower())
    really = _really(path, data)
    if named is None:
        known = ", ".join(_SUFFIXES)
        raise InputError(f"{path} is not a kind of file that can be taken over: {known}. {_AS_WORD}")
    for kind, called in ((FileKind.WORD, "a Word document"), (FileKind.OPEN, "an OpenDocument text")):
        if (really is kind) != (named is kind):
            says = f"is {called}" if really is kind else f"is not {called}"
            remedy = f"Name it after its kind ({kind})." if really is kind else "Name it after its kind."
            raise InputError(f"{path} {says} by its content, but its name ends in {path.suffix}. {remedy}")
    if really is FileKind.WEB and named is FileKind.TEXT:
        raise InputError(f"{path} is a web page by its content. Name it {path.stem}.html, and import that.")
    if named not in (FileKind.WORD, FileKind.OPEN) and len(data) > MAX_TEXT:
        raise InputError(f"{path} is larger than {MAX_TEXT // 1_000_000} MB of text. Split it into one file a leaflet.")
    return named, data


def _really(path: Path, data: bytes) -> FileKind | None:
    """What the first bytes of a file say that it is. Raises `InputError` for what cannot be taken over."""
    for start, what, remedy in _NOT_OURS:
        if data.startswith(start):
            raise InputError(f"{path} is {what}; it cannot be taken over. {remedy}")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            remedy = "Open it in Word with its password, remove the password (File, Info, Protect Document), save it."
            raise InputError(f"{path} is locked with a password. {remedy}")
        raise InputError(f"{path} is a Word document of before 2007 (.doc). Open it in Word, and save it as .docx.")
    if data.startswith(b"PK"):
        return _packed(path, data)
    head = data[:1000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return FileKind.WEB if head.startswith((b"<!doctype html", b"<html")) else None


def _packed(path: Path, data: bytes) -> FileKind:
    """A packed file is a Word document or nothing that we know."""
    parts = unpacked(path, data)[0]
    names = set(parts)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):  # OpenDocument 1.3 part 2, 4.4
        raise InputError(f"{path} is locked with a password. Open it in its own program, and save it without one.")
    if any(re.fullmatch(r"word/document\d*\.xml", name) for name in names):
        return FileKind.WORD
    if "content.xml" in names and "styles.xml" in names:
        return FileKind.OPEN
    what = "a spreadsheet" if any(name.startswith("xl/") for name in names) else "a packed file"
    raise InputError(f"{path} is {what}, not a Word document. {_AS_WORD}")


def unpacked(path: Path, data: bytes) -> tuple[dict[str, bytes], bool]:
    """The parts of a packed file that hold text, by their names (others are empty), and whether all were whole.

    A file whose table of contents or whose checksums are damaged is read as far as it goes, as Word and LibreOffice do.
    The sizes are those that the file declares; Python's reader gives out no byte more than was declared.
    """
    try:
        parts = zipfile.ZipFile(io.BytesIO(data))
        entries = parts.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, IndexError) as error:
        if salvaged := dict(_salvaged(data)):
            return salvaged, False
        remedy = "Open it in Word and save it again, or take another copy."
        raise InputError(f"{path} is damaged: it cannot be unpacked. {remedy}") from error
    read = sum(one.file_size for one in entries if one.filename.lower().endswith(_TEXT_PARTS))
    if read > MAX_UNPACKED or len(entries) > MAX_PARTS:
        message = f"{path} unpacks to {read // 1_000_000} MB of text in {len(entries)} parts"
        raise InputError(
            f"{message}; a leaflet has less than {MAX_UNPACKED // 1_000_000} MB. Split it, or save it again."
        )
    if any(one.flag_bits & 1 for one in entries):
        raise InputError(f"{path} is locked with a password. Save it without one.")
    texts = [one.filename for one in entries if one.filename.lower().endswith(_TEXT_PARTS)]
    whole = dict.fromkeys((one.filename for one in entries), b"")
    try:
        return whole | {name: parts.read(name) for name in texts}, True
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError):
        return whole | dict(_salvaged(data)), False


def _salvaged(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The text parts of a damaged packed file, each as far as it can be unpacked. Source: PKWARE APPNOTE 4.3.7."""
    left = MAX_UNPACKED
    at = data.find(_LOCAL)
    for _ in range(MAX_PARTS):
        if at < 0 or at + 30 > len(data) or left <= 0:
            return
        method, size, name_size, extra = struct.unpack("<8xH8xL4xHH", data[at : at + 30])
        name = data[at + 30 : at + 30 + name_size].decode("utf-8", "replace")
        start = at + 30 + name_size + extra
        text, end = (data[start : start + size], start) if method == 0 else _inflated(data, start, left)
        if text and name.lower().endswith(_TEXT_PARTS):
            yield name, text
        left -= len(text)
        at = data.find(_LOCAL, max(end, at + 4))


def _inflated(data: bytes, start: int, most: int) -> tuple[bytes, int]:
    """What stands packed at a place of a file, as far as it can be unpacked, and where it ends."""
    packed, texts = zlib.decompressobj(-zlib.MAX_WBITS), list[bytes]()
    at = start
    with suppress(zlib.error):
        while at < len(data) and not packed.eof and most > 0:
            texts.append(packed.decompress(data[at : at + _AT_ONCE], most))
            most -= len(texts[-1])
            at += _AT_ONCE
        return b"".join(texts), min(at, len(data)) - len(packed.unused_data)
    return b"".join(texts), start


def as_utf8(part: bytes) -> bytes:
    """The XML of a part in UTF-8: programs may write it in UTF-16 as well. Source: ECMA-376 part 2, 8.1.4."""
    form = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(part[:2])
    if form is None:
        return part
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", part.decode(form, "replace")).encode()


def decoded(path: Path, data: bytes, encoding: str | None, *, web: bool = False) -> str:
    """The letters of a text: as its first bytes mark them, as the person or the page declares them, or as UTF-8.

    Never guessed: what fits nowhere is refused. Source: Unicode Standard 2.6 (byte order marks).
    """
    name = encoding or "utf-8"
    charset = _CHARSET.search(data[:2000]) if web and not encoding else None
    if charset:
        name = charset[1].decode("ascii").lower()
        # Browsers read pages that declare Latin-1 as Windows-1252. Source: WHATWG Encoding, 4.2.
        name = "windows-1252" if name in ("iso-8859-1", "latin1", "us-ascii", "ascii") else name
        if name not in (*ENCODINGS, "iso8859-15"):
            raise InputError(f"{path} declares its letters as '{name}'. Save it as UTF-8, or name it with --encoding.")
    name = next((marked for mark, marked in _BOMS if data.startswith(mark)), name)
    try:
        text = data.decode(name)
    except (UnicodeDecodeError, LookupError) as error:
        line = data[: getattr(error, "start", 0)].count(b"\n") + 1
        remedy = f"Save it again as UTF-8, or say how it is stored: --encoding {'|'.join(ENCODINGS)}."
        raise InputError(f"{path}:{line} is not {name} text. {remedy}") from error
    if "\0" in text:
        remedy = "If it is a text of UTF-16, say --encoding utf-16; else take the right file."
        raise InputError(f"{path} holds null bytes; it is not {name} text. {remedy}")
    if encoding and encoding.startswith("iso") and re.search(r"[\x80-\x84\x86-\x9f]", text):
        raise InputError(f"{path} is not {encoding} text: it holds control characters. Try --encoding windows-1252.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def cleaned(text: str, found: Found) -> str:
    """A text in letters that print: blanks of all kinds as plain ones, no soft hyphens, Unicode NFC.

    A character that cannot print is left out, and noted with the words around it.
    """
    text = unicodedata.normalize("NFC", text.translate(_PLAIN).translate(_LIGATURES))
    odd = [one for one in sorted(set(text)) if one != "\n" and unprintable_character(one)]
    if not odd:
        return text
    first = {one: text.index(one) for one in odd[:MOST_NAMED]}
    gone = dict.fromkeys(map(ord, odd))
    for one, at in sorted(first.items(), key=lambda pair: pair[1]):
        fault = unprintable_character(one)
        found.remark(
            f"{fault[0].upper()}{fault[1:]} cannot print and was left out.",
            "Read the words around it.",
            text[max(0, at - 40) : at + 40].translate(gone),
        )
    if len(odd) > MOST_NAMED:
        what = f"{len(odd) - MOST_NAMED} more characters that cannot print were left out."
        found.remark(what, "Compare the document with the file: its letters may be stored in a way of their own.")
    return text.translate(gone)
