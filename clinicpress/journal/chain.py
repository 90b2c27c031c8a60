"""How lines hang together: each carries a keyed digest over its own bytes and the digest of the line before."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from clinicpress.json_text import read_json

LONGEST = 1 << 16  # bytes of a line: a packet of some hundred documents
START = "0" * 64  # the digest before the first line
HEAD = "head"  # stands before the words of the head, so that it can never pass for a line
FEW = 3  # lines: when all of more than these are wrong, the key is, and one sentence says so
_LINE = re.compile(rb'(\{.*),"digest":"([0-9a-f]{64})"\}\n')
_NUMBER = re.compile(rb'\{"number":(\d{1,12}),')


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the journal is not as it was written. Lines count from 1; 0 means the journal as a whole."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Head:
    """What the journal has to hold at least: how many entries, in how many bytes, and the digest of the last one."""

    number: int = 0
    size: int = 0
    last: str = START

    @property
    def ending(self) -> bytes:
        """What stands before the place that the head speaks of."""
        return f',"digest":"{self.last}"}}\n'.encode() if self.number else b""


class Chain:
    """Makes lines and knows them again, with the key of the installation."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def line(self, content: Mapping[str, object], before: str) -> bytes:
        """A line of these facts, sealed behind the digest of the one before."""
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))[:-1]
        words = text.encode("utf-8", "backslashreplace")  # a stray half of a character reads back as it was
        return b'%s,"digest":"%s"}\n' % (words, self._digest(words, before).encode())

    def after(self, head: Head, line: bytes) -> Head | None:
        """The head after one more line; None when the line does not follow it."""
        found = _LINE.fullmatch(line)
        if found is None or not self._follows(found, head.last):
            return None
        return Head(head.number + 1, head.size + len(line), found[2].decode())

    def head_line(self, head: Head) -> bytes:
        """The head as it stands in its file."""
        return self.line({"number": head.number, "size": head.size, "last": head.last}, HEAD)

    def head(self, text: bytes) -> Head | None:
        """The head of a file; None when it was changed, or written with another key."""
        found = _LINE.fullmatch(text)
        if found is None or not self._follows(found, HEAD):
            return None
        facts: dict[str, Any] = read_json(text, halves=True)
        return Head(facts["number"], facts["size"], facts["last"])

    def faults(self, lines: Iterator[bytes], head: Head | None) -> list[Fault]:
        """What is wrong with the lines. After a fault, the digest that stands in the line counts for the next one."""
        faults: list[Fault] = []
        before, number, line = START, 0, 0
        complete = head is None or not head.number
        for line, text in enumerate(lines, 1):
            found = _LINE.fullmatch(text)
            if found is None:
                faults.append(Fault(line, _no_entry(text, complete)))
                continue
            if not self._follows(found, before):
                faults.append(Fault(line, _out_of_order(found, number + 1)))
            number, before = _number(found, number + 1), found[2].decode()
            complete = complete or (head is not None and before == head.last)
        if len(faults) == line > FEW:
            faults = [Fault(1, f"None of the {line} lines is as it was written, or the key is not the one of then.")]
        if head is not None and not complete:
            faults.append(Fault(line + 1, f"The end is missing: entry {head.number} was written, and is not here."))
        return faults

    def _digest(self, words: bytes, before: str) -> str:
        return hmac.new(self._key, before.encode() + b"\n" + words, hashlib.sha256).hexdigest()

    def _follows(self, found: re.Match[bytes], before: str) -> bool:
        return hmac.compare_digest(found[2].decode(), self._digest(found[1], before))


def pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The lines of the first bytes of a file; one that is longer than any entry comes in pieces."""
    while size > 0 and (line := file.readline(min(size, LONGEST))):
        size -= len(line)
        yield line


def _number(found: re.Match[bytes], expected: int) -> int:
    """The number that a line gives itself."""
    own = _NUMBER.match(found[1])
    return int(own[1]) if own else expected


def _no_entry(text: bytes, complete: bool) -> str:
    if text.endswith(b"\n"):
        return "This line is no entry: it was damaged or put in."
    if complete:
        return "A crash tore this last line. Nobody was told that it was written, and the next start cuts it off."
    return "This line is cut off."


def _out_of_order(found: re.Match[bytes], expected: int) -> str:
    number = _number(found, expected)
    if number == expected:
        return f"Entry {number} was changed, or the digest of the one before it was."
    return f"Entry {number} stands where entry {expected} belongs: lines were taken out, put in or moved."
