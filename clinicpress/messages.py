"""Plain values between processes of ours, through a pipe: how many bytes they take, then the bytes (`marshal`)."""

import marshal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

SIZE = 8  # bytes: how long a message is stands before it


def framed(thing: "Any") -> bytes:
    """A message as it goes into a pipe."""
    data = marshal.dumps(thing)
    return len(data).to_bytes(SIZE, "big") + data


def received(pipe: "IO[bytes]") -> "Any":
    """What the other end sent; None when it is closed or was cut short."""
    size = int.from_bytes(pipe.read(SIZE), "big")
    data = pipe.read(size)
    return marshal.loads(data) if size and len(data) == size else None  # noqa: S302  it comes from ourselves
