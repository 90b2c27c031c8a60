"""Writes a PDF from its first byte to its last without keeping what was written: for files that are longer than memory.

Only the table that says where each object stands has to wait for the end. Its rows are compressed as they come, each as
its difference from the row before, so that a thousand patients of the same form cost a few kilobytes there.
Source: ISO 32000-1, 7.5.8 (cross-reference streams), 7.4.4.4 (predictors); RFC 1950 and 1951 (compressed data).
"""

import hashlib
import zlib
from collections.abc import Callable, Sequence

from clinicpress.pdf import syntax

MOST_PACKED = 200
"""Objects in one object stream. Longer ones are not smaller, for their places have more digits, and are slower."""
_STEP = 10  # bytes: objects begin at round places, which repeat more digits than others
_WHOLE, _DIFFERENCE = b"\x00", b"\x02"  # how a row is predicted: not at all, or from the row above
_STEPS = b"".join(
    _DIFFERENCE + bytes((0, 0, 0, 0, 0, ((place >> 8) - (place - 1 >> 8)) & 255, 1)) for place in range(1, MOST_PACKED)
)
"""How the rows of an object stream differ: the place in it grows by one."""
_RAW = -15  # compressed without head and checksum, so that parts can be put behind each other
_HEAD = b"\x78\xda"
_BASE = 65521  # of the checksum Adler-32


class LongFile:
    """A PDF that is being written. Objects 1 to `reserved` are written last, for they know what came before.

    All other objects are numbered in the order in which they are written: the next one gets `next`.
    """

    def __init__(self, write: Callable[[bytes], object], reserved: int) -> None:
        self._write = write
        self._reserved = reserved
        self._place = 0
        self._mark = hashlib.blake2b(digest_size=16)
        self._rows = _Rows()
        self.next = reserved + 1
        self._put(syntax.HEADER)

    def _put(self, data: bytes) -> None:
        self._write(data)
        self._mark.update(data)
        self._place += len(data)

    def whole(self, written: bytes) -> None:
        """Writes an object that bears its number already, which is `next`."""
        self._rows.add(syntax.ROW.pack(syntax.IN_FILE, self._place, 0))
        self.next += 1
        self._put(written)

    def stream(self, said: bytes, data: bytes) -> int:
        """Writes a stream with this dictionary, and says its number."""
        number = self.next
        self.whole(syntax.whole_stream(number, said, data))
        return number

    def packed(self, objects: Sequence[bytes]) -> int:
        """Writes objects that are no streams, and says the number of the first; the others follow it."""
        first = self.next
        starts = range(0, len(objects), MOST_PACKED)
        for number, start in enumerate(starts, first + len(objects)):
            self._rows.add_packed(number, min(MOST_PACKED, len(objects) - start))
        self.next += len(objects)
        for start in starts:
            part = objects[start : start + MOST_PACKED]
            padded = [one + b" " * (-(len(one) + 1) % _STEP) for one in part]
            self.whole(syntax.object_stream(self.next, list(enumerate(padded, first + start)), _compressed))
        return first

    def close(self, reserved: Sequence[bytes], root: int, info: int) -> None:
        """Writes the reserved objects, the table of all objects, and the end of the file."""
        packed = self.next
        self.whole(syntax.object_stream(packed, list(enumerate(reserved, 1))))
        place = self._place
        self._rows.add(syntax.ROW.pack(syntax.IN_FILE, place, 0))
        head = [syntax.FREE] + [syntax.ROW.pack(syntax.IN_STREAM, packed, at) for at in range(self._reserved)]
        rows, mark = self._rows.finished(head), self._mark.hexdigest().encode()
        said = (
            b"<</Type/XRef%b/Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]/Filter/FlateDecode"
            b"/DecodeParms<</Predictor 12/Columns %d>>/Length %d>>"
        ) % (syntax.WIDTHS, self.next + 1, root, info, mark, mark, syntax.ROW.size, len(rows))
        self._put(syntax.whole_stream(self.next, said, rows) + b"startxref\n%d\n%%%%EOF\n" % place)


def _compressed(data: bytes) -> bytes:
    """Data that repeat themselves in long stretches with a few digits between, which the filtered strategy packs best.

    Level 6 takes half the time of level 9, for a hundredth more.
    """
    packer = zlib.compressobj(6, memLevel=9, strategy=zlib.Z_FILTERED)
    return packer.compress(data) + packer.flush()


class _Rows:
    """The rows of the table of objects, compressed as they come."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(9, wbits=_RAW)
        self._parts: list[bytes] = []
        self._checksum, self._length = 1, 0
        self._last = b""

    def _put(self, data: bytes) -> None:
        self._checksum = zlib.adler32(data, self._checksum)
        self._length += len(data)
        if part := self._packer.compress(data):
            self._parts.append(part)

    def add(self, row: bytes) -> None:
        """The row of the next object."""
        self._put(_predicted(row, self._last))
        self._last = row

    def add_packed(self, stream: int, count: int) -> None:
        """The rows of the next objects, which stand in this object stream."""
        self.add(syntax.ROW.pack(syntax.IN_STREAM, stream, 0))
        self._put(_STEPS[: (count - 1) * (syntax.ROW.size + 1)])
        self._last = syntax.ROW.pack(syntax.IN_STREAM, stream, count - 1)

    def finished(self, head: Sequence[bytes]) -> bytes:
        """All rows: first those of `head`, which are known last."""
        before = b"".join(_WHOLE + row for row in head)
        packer = zlib.compressobj(9, wbits=_RAW)
        segment = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
        checksum = _joined(zlib.adler32(before), self._checksum, self._length)
        return b"".join([_HEAD, segment, *self._parts, self._packer.flush(), checksum.to_bytes(4, "big")])


def _predicted(row: bytes, last: bytes) -> bytes:
    """A row as it is stored."""
    if not last:
        return _WHOLE + row
    return _DIFFERENCE + bytes([(new - old) & 255 for new, old in zip(row, last, strict=True)])


def _joined(first: int, second: int, length: int) -> int:
    """The checksum of two pieces of data behind each other, from that of each; `length` is that of the second.

    Source: RFC 1950, 8.2: a sum of the bytes beginning with 1, and a sum of those sums.
    """
    plain = (first & 0xFFFF) + (second & 0xFFFF) - 1
    summed = (first >> 16) + (second >> 16) + length * ((first & 0xFFFF) - 1)
    return (summed % _BASE) << 16 | plain % _BASE
