"""PDF objects as bytes: for files that are put together from parts instead of being saved as a whole.

Source: ISO 32000-1, 7.3 (objects), 7.5.7 (object streams), 7.5.8 (cross-reference streams).
"""

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
