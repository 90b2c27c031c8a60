"""Keeps finished things in a folder under the digest of what they are made of, so that nothing is made twice.

The folder may be lost, damaged, full or shared by many processes: then a thing is made anew, and never a wrong one is
handed out. No fact about a patient comes here; whoever keeps something sees to that.
"""

import errno
import hashlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAGIC = b"clinicpress cache 1\n"
DIGEST = hashlib.sha256().digest_size
BOUND = 500_000_000  # bytes: some thousand layouts
KEPT = 0.9  # of the bound stays after tidying, so that not every new thing asks for it again
ABANDONED = 3600.0  # seconds after which a part that nobody finished was left by a killed process
UNFINISHED = ".part"


def address(*parts: bytes | str) -> str:
    """The SHA-256 over parts, each after its length: other parts, or the same ones cut elsewhere, lie elsewhere."""
    digest = hashlib.sha256()
    for part in parts:
        # A file name may hold bytes that are no text; Python writes them as surrogates.
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


class Cache:
    """A folder of at most `bound` bytes. What was not used for longest goes first.

    `trouble` says why something could not be kept, for a note; empty when all is well.
    """

    __slots__ = ("_bound", "_folder", "_since_tidied", "trouble")

    def __init__(self, folder: "Path | str", bound: int = BOUND) -> None:
        self._folder, self._bound = str(folder), bound
        self._since_tidied = 0
        self.trouble = ""

    @property
    def folder(self) -> str:
        """Where it lies, for another process that shall use it; empty when nothing is kept."""
        return self._folder

    def get(self, address: str) -> bytes | None:
        """What lies at an address, or None. A damaged file is removed, and counts as absent."""
        path = self._place(address)
        try:
            with open(path, "rb", buffering=0) as file:
                kept = file.read()
        except OSError:
            return None
        data = memoryview(kept)[len(MAGIC) + DIGEST :]
        if kept[: len(MAGIC) + DIGEST] != _head(address, data):
            _remove(path)
            return None
        try:
            os.utime(path)  # used just now; far cheaper than reading it was
        except OSError:
            pass  # somebody else's, or removed meanwhile
        return bytes(data)

    def put(self, address: str, data: bytes) -> None:
        """Keeps something. When that cannot be, nothing happens but that `trouble` says why."""
        if len(data) > self._bound:
            return
        path = self._place(address)
        try:
            self._write(path, _head(address, memoryview(data)), data)
        except OSError as error:
            if error.errno == errno.ENOENT:  # another process tidied up under our hands
                return
            self.trouble = (
                f"The cache {self._folder} cannot be written: {error.strerror}. "
                "What was asked for is made all the same, only slower. Name another folder with --cache DIR."
            )
            return
        # Listing the folder takes long, so it is done once in a while: as told by the address, which is as good as
        # chance, for processes that keep one thing each; as told by the amount for one that keeps thousands.
        self._since_tidied += len(data)
        if address.endswith("0") or self._since_tidied > self._bound * (1 - KEPT):
            self._since_tidied = 0
            try:
                self._tidy(os.stat(path).st_mtime)
            except OSError:
                pass  # another process is tidying as well

    def _place(self, address: str) -> str:
        return os.path.join(self._folder, address[:2], address[2:])

    def _write(self, path: str, head: bytes, data: bytes) -> None:
        """Writes a file beside its place and renames it. Nothing waits for the disk (fsync).

        A file that a power cut tore does not match its digest, and is not believed when it is read.
        """
        from tempfile import mkstemp  # noqa: PLC0415  most starts keep nothing

        _make_folder(os.path.dirname(path))
        descriptor, unfinished = mkstemp(UNFINISHED, ".", os.path.dirname(path))
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(descriptor, 0o600)
                file.write(head)
                file.write(data)
            os.replace(unfinished, path)
        except BaseException:
            _remove(unfinished)
            raise

    def _tidy(self, now: float) -> None:
        """Removes what killed processes left unfinished, then what was not used for longest, down to the bound.

        `now` is the time of the file that was written last, by the clock of the disk.
        """
        files = sorted(self._files())
        amount = sum(size for _, size, _ in files)
        too_much = amount > self._bound
        for used, size, path in files:
            abandoned = path.endswith(UNFINISHED) and now - used > ABANDONED
            if abandoned or (too_much and amount > self._bound * KEPT):
                amount -= size
                _remove(path)

    def _files(self) -> "Iterator[tuple[float, int, str]]":
        """When each file was used last, its size and its path."""
        for folder in os.scandir(self._folder):
            if len(folder.name) == 2 and folder.is_dir(follow_symlinks=False):  # nothing that is not ours
                with os.scandir(folder) as entries:
                    for entry in entries:
                        try:
                            found = entry.stat(follow_symlinks=False)
                        except FileNotFoundError:
                            continue
                        yield found.st_mtime, found.st_size, entry.path


class _NoCache(Cache):
    """Keeps nothing."""

    __slots__ = ()

    @property
    def folder(self) -> str:
        return ""

    def get(self, address: str) -> bytes | None:  # noqa: ARG002
        return None

    def put(self, address: str, data: bytes) -> None:
        pass


NO_CACHE: Cache = _NoCache(os.devnull)
"""A cache that keeps nothing: what is made with it is made anew."""


def _head(address: str, data: memoryview) -> bytes:
    """What a file begins with. The digest covers the address as well: a file in the wrong place is not believed."""
    digest = hashlib.sha256(address.encode())
    digest.update(data)
    return MAGIC + digest.digest()


def _remove(path: str) -> None:
    """Removes a file, unless it is gone already or is not ours."""
    try:
        os.unlink(path)
    except OSError:
        pass


def _make_folder(folder: str) -> None:
    """Makes a folder and those above it, each for its owner only, whatever the umask."""
    if folder and not os.path.isdir(folder):
        _make_folder(os.path.dirname(folder))
        try:
            os.mkdir(folder, 0o700)
            os.chmod(folder, 0o700)
        except FileExistsError:
            pass  # another process was faster
