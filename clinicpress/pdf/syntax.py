"""PDF objects as bytes, and a file of them written from its first byte to its last without keeping it.

Source: ISO 32000-1, 7.3 (objects), 7.5.7 (object streams), 7.5.8 (cross-reference streams).

Only the table that says where each object stands has to wait for the end. Its rows are compressed as they come, each as
its difference from the row before, so that a thousand patients of the same form cost a few kilobytes there.
Source: ISO 32000-1, 7.5.8 (cross-reference streams), 7.4.4.4 (predictors); RFC 1950 and 1951 (compressed data).
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import pikepdf
from pikepdf import Array, Dictionary, Stream

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
IN_FILE, IN_STREAM = 1, 2  # kinds of rows in a cross-reference stream
_ESCAPED = re.compile(rb"[\\()]")


def text_string(text: str) -> bytes:
    """A text as a file writes it: plain where it is ASCII, else in UTF-16. Source: ISO 32000-1, 7.9.2.2."""
    if text.isascii() and text.isprintable():  # controls mean other letters there
        return b"(%b)" % _ESCAPED.sub(rb"\\\g<0>", text.encode())
    return b"<FEFF%b>" % text.encode("utf-16-be").hex().upper().encode()


def reachable(roots: Iterable[pikepdf.Object]) -> list[pikepdf.Object]:
    """All indirect objects that can be reached from some, in the order in which they are met."""
    found: dict[tuple[int, int], pikepdf.Object] = {}
    waiting: list[object] = [*roots]
    waiting.reverse()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, pikepdf.Object):
            continue
        if one.is_indirect:
            if one.objgen in found:
                continue
            found[one.objgen] = one
        if isinstance(one, Array):
            waiting += reversed(list(one))
        elif isinstance(one, (Dictionary, Stream)):
            waiting += [value for _, value in one.items()]
    return list(found.values())


def numbered(objects: Sequence[pikepdf.Object], first: int) -> dict[tuple[int, int], int]:
    """New numbers for objects, from `first` on, by the identity that they have now."""
    return {one.objgen: number for number, one in enumerate(objects, first)}


def written(value: object, numbers: Mapping[tuple[int, int], int], *, top: bool = True) -> bytes:
    """An object as bytes, with references by new numbers; of a stream only its dictionary, without its length."""
    if not isinstance(value, pikepdf.Object):
        return Array([value]).unparse()[1:-1].strip()  # a number, true, false, or null
    if value.is_indirect and not top:
        return b"%d 0 R" % numbers[value.objgen]
    if isinstance(value, Array):
        return b"[%b]" % b" ".join(written(one, numbers, top=False) for one in value)
    if isinstance(value, (Dictionary, Stream)):
        leave = ("/Length",) if isinstance(value, Stream) else ()
        pairs = (
            pikepdf.Name(key).unparse() + b" " + written(one, numbers, top=False)
            for key, one in sorted(value.items())
            if key not in leave
        )
        return b"<<%b>>" % b"".join(pairs)
    return value.unparse()


def whole_object(one: pikepdf.Object, numbers: Mapping[tuple[int, int], int]) -> bytes:
    """An object as it stands in a file; the data of a stream are compressed if they were not."""
    number = numbers[one.objgen]
    if isinstance(one, Stream):
        return whole_stream(number, *stream_parts(one, numbers))
    return b"%d 0 obj\n%b\nendobj\n" % (number, written(one, numbers))


def stream_parts(one: Stream, numbers: Mapping[tuple[int, int], int]) -> tuple[bytes, bytes]:
    """The dictionary of a stream, and its data, which are compressed if they were not."""
    said, data = written(one, numbers)[:-2], one.read_raw_bytes()
    if "/Filter" not in one:
        data, said = smallest(data), said + b"/Filter/FlateDecode"
    return said + b"/Length %d>>" % len(data), data


def whole_stream(number: int, said: bytes, data: bytes) -> bytes:
    """A stream as it stands in a file."""
    return b"%d 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (number, said, data)


def smallest(data: bytes) -> bytes:
    """Data compressed as far as it goes."""
    return zlib.compress(data, 9)


def object_stream(
    number: int, objects: Sequence[tuple[int, bytes]], compress: Callable[[bytes], bytes] = smallest
) -> bytes:
    """Objects that are no streams, packed together as they stand in a file."""
    places, parts, length = [], [], 0
    for one, text in objects:
        places.append(b"%d %d" % (one, length))
        parts.append(text)
        length += len(text) + 1
    head = b" ".join(places) + b"\n"
    body = compress(head + b"\n".join(parts))
    said = b"<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>" % (len(objects), len(head), len(body))
    return whole_stream(number, said, body)


ROW = struct.Struct(">BIH")
"""A row of a cross-reference stream: kind; place in the file, or number of the object stream; 0, or place in that."""
FREE = ROW.pack(0, 0, 65535)
WIDTHS = b"/W[1 4 2]"


def opening_segment(data: bytes) -> tuple[bytes, int]:
    """Compressed data that more can follow (see `closed`), and their checksum. Source: RFC 1950, RFC 1951."""
    packer = zlib.compressobj(9)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH), zlib.adler32(data)


def closed(segment: bytes, checksum: int, data: bytes) -> bytes:
    """A compressed segment with further data behind it, which are stored as they are: at most 65,535 bytes."""
    size = len(data)
    stored = b"\x01" + struct.pack("<HH", size, size ^ 0xFFFF) + data
    return segment + stored + struct.pack(">I", zlib.adler32(data, checksum))


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
        self._put(HEADER)

    def _put(self, data: bytes) -> None:
        self._write(data)
        self._mark.update(data)
        self._place += len(data)

    def whole(self, written: bytes) -> None:
        """Writes an object that bears its number already, which is `next`."""
        self._rows.add(ROW.pack(IN_FILE, self._place, 0))
        self.next += 1
        self._put(written)

    def stream(self, said: bytes, data: bytes) -> int:
        """Writes a stream with this dictionary, and says its number."""
        number = self.next
        self.whole(whole_stream(number, said, data))
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
            self.whole(object_stream(self.next, list(enumerate(padded, first + start)), _compressed))
        return first

    def close(self, reserved: Sequence[bytes], root: int, info: int) -> None:
        """Writes the reserved objects, the table of all objects, and the end of the file."""
        packed = self.next
        self.whole(object_stream(packed, list(enumerate(reserved, 1))))
        place = self._place
        self._rows.add(ROW.pack(IN_FILE, place, 0))
        head = [FREE] + [ROW.pack(IN_STREAM, packed, at) for at in range(self._reserved)]
        rows, mark = self._rows.finished(head), self._mark.hexdigest().encode()
        said = (
            b"<</Type/XRef%b/Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]/Filter/FlateDecode"
            b"/DecodeParms<</Predictor 12/Columns %d>>/Length %d>>"
        ) % (WIDTHS, self.next + 1, root, info, mark, mark, ROW.size, len(rows))
        self._put(whole_stream(self.next, said, rows) + b"startxref\n%d\n%%%%EOF\n" % place)


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
        self.add(ROW.pack(IN_STREAM, stream, 0))
        self._put(_STEPS[: (count - 1) * (ROW.size + 1)])
        self._last = ROW.pack(IN_STREAM, stream, count - 1)

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
