"""Reads JSON that somebody else may have written: each key once, not too deep, and nothing that cannot be printed.

Python's own reader follows brackets as deep as they go: on Python 3.13 a hundred thousand of them end the whole
process. It also takes the last of two equal keys in silence, halves of characters, and numbers that are none.
"""

import json
import math
import re
from typing import Any, NoReturn

MAX_DEPTH = 32  # tables within tables; what we read ourselves has five
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[\[\]{}\n]', re.DOTALL)
_TEXT = re.compile(rb'"[^"]*+"?+')
_NO_MARKS = bytes(set(range(256)) - set(b'"[]{}'))
_BEHIND = re.compile(r"[ \t\r\n]*:")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")  # of a key; anything else may be a fact about a person
_HALF = re.compile("[\ud800-\udfff]")


class JsonError(ValueError):
    """Why a text of JSON is not taken, as a sentence without its full stop and without a value; on which line.

    `twice` says that a key stands twice in one table.
    """

    def __init__(self, sentence: str, line: int = 0, *, twice: bool = False) -> None:
        super().__init__(sentence)
        self.sentence, self.line, self.twice = sentence, line, twice


class _TwiceError(ValueError):
    """A key stands twice in a table; where, a second look finds."""


def read_json(data: bytes | str, *, halves: bool = False) -> Any:
    """The value in a text of JSON. How large it may be, the caller says before.

    `halves` lets halves of characters pass, for a caller who refuses them by their place. Raises `JsonError`.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise JsonError("it is not UTF-8 text", error.object[: error.start].count(b"\n") + 1) from None
    if not _shallow(text):
        _look_through(text, keys=False)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JsonError(f"it is not JSON ({error.msg})", error.lineno) from None
    except _TwiceError:
        _look_through(text, keys=True)
        raise JsonError("a key stands twice in one table", twice=True) from None
    except JsonError:
        raise
    except ValueError:  # Python refuses to read a number of 5,000 digits
        raise JsonError("it holds a number of too many digits") from None
    written = text is data and _HALF.search(text)  # what was bytes cannot hold any as it stands
    if not halves and (written or ("\\u" in text and _holds_half(value))):
        raise JsonError("it holds half of a character (a lone surrogate)")
    return value


def _shallow(text: str) -> bool:
    """Whether brackets do not stand too deep in each other, as can be told quickly: a batch reads long records."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return True
    data = text.encode("utf-8", "surrogatepass").replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = _TEXT.sub(b"", data.translate(None, _NO_MARKS))
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return not brackets


def _look_through(text: str, *, keys: bool) -> None:
    """Raises `JsonError` where brackets stand too deep in each other or, if wanted, where a key comes again."""
    line, open_tables = 1, list[set[str]]()
    for found in _TOKEN.finditer(text):
        token = found[0]
        match token[0]:
            case "\n":
                line += 1
            case "[" | "{":
                open_tables.append(set())
                if len(open_tables) > MAX_DEPTH:
                    raise JsonError(f"it has more than {MAX_DEPTH} brackets within each other", line)
            case "]" | "}":
                del open_tables[-1:]
            case _ if keys and open_tables and _BEHIND.match(text, found.end()):
                key = str(json.loads(token))
                if key in open_tables[-1]:
                    named = f"the key '{key}'" if _NAME.fullmatch(key) else "a key"
                    raise JsonError(f"{named} stands twice in one table", line, twice=True)
                open_tables[-1].add(key)


def _table(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise JsonError("it holds a number that is larger than any that can be read")
    return number


def _no_number(word: str) -> NoReturn:
    raise JsonError(f"it holds {word}, which is no number of JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_table, parse_float=_finite, parse_constant=_no_number)


def _holds_half(value: object) -> bool:
    """Whether a value holds half of a character, which a text of JSON can write with the digits of its code."""
    match value:
        case str():
            return _HALF.search(value) is not None
        case dict():
            return any(_holds_half(key) or _holds_half(one) for key, one in value.items())
        case list():
            return any(map(_holds_half, value))
    return False
