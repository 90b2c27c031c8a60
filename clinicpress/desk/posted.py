"""What a browser sent in a form, read in memory: no file that somebody uploads ever touches the disk."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.types import Receive

MOST_FORM = 256 << 10  # bytes of a form without a file
MOST_UPLOAD = 10 << 20  # bytes of an upload: a list of some 50,000 appointments
MOST_IGNORED = 1 << 30  # bytes that are read and thrown away, so that the browser hears the answer
MOST_FIELDS = 300
TIME_TO_SEND = 60.0  # seconds for all of a form: 10 MB at 1.5 Mbit/s


class TooLargeError(Exception):
    """A request holds more than is taken."""


class UnreadableError(Exception):
    """A request holds no form that could be read."""


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a form, and the file that came with it, if one did: its name and its bytes."""

    fields: Mapping[str, tuple[str, ...]] = field(repr=False)
    file_name: str = field(default="", repr=False)
    file: bytes = field(default=b"", repr=False)

    def get(self, name: str) -> str:
        """One value, without blanks around it; nothing when it was not sent."""
        return self.fields.get(name, ("",))[0].strip()

    def every(self, name: str) -> tuple[str, ...]:
        """All values of a name, as of boxes that were ticked."""
        return self.fields.get(name, ())


async def read_posted(headers: Headers, receive: Receive, most: int) -> Posted:
    """The form in a request of at most so many bytes. Raises `TooLargeError` and `UnreadableError`."""
    try:
        async with asyncio.timeout(TIME_TO_SEND):
            body = await _body(receive, most)
    except TimeoutError as error:
        raise UnreadableError from error
    kind, _, options = headers.get("content-type", "").lower().partition(";")
    kind = kind.strip()
    if "charset" in options and "utf-8" not in options:  # other codes can make letters that are none
        raise UnreadableError
    try:
        if kind == "multipart/form-data":
            return await _read(
                _Multipart(headers, _once(body), max_files=1, max_fields=MOST_FIELDS, max_part_size=most)
            )
        if kind == "application/x-www-form-urlencoded":
            return await _read(FormParser(headers, _once(body), max_fields=MOST_FIELDS, max_part_size=MOST_FORM))
    except (MultiPartException, UnicodeError, ValueError) as error:
        raise UnreadableError from error
    raise UnreadableError


class _Multipart(MultiPartParser):
    spool_max_size = MOST_UPLOAD + 1  # all of it stays in memory


async def _read(parser: MultiPartParser | FormParser) -> Posted:
    form = await parser.parse()
    fields: dict[str, tuple[str, ...]] = {}
    name, data = "", b""
    for key, value in form.multi_items():
        if isinstance(value, UploadFile):
            name, data = value.filename or "", await value.read()
            await value.close()
        else:
            fields[key] = (*fields.get(key, ()), value)
    return Posted(fields, name, data)


async def _body(receive: Receive, most: int) -> bytes:
    """All of a request. One that is too long is read to its end and thrown away: only then browsers read the answer."""
    gathered, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise UnreadableError
        size += len(message.get("body", b""))
        if size <= most:
            gathered += message.get("body", b"")
        else:
            gathered.clear()
        if not message.get("more_body") or size > MOST_IGNORED:
            break
    if size > most:
        raise TooLargeError
    return bytes(gathered)


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
