"""Keeps finished things in a folder under the digest of what they are made of, so that nothing is made twice.

The folder may be lost, damaged, full or shared by many processes: then a thing is made again, and never a wrong one is
handed out. Nor is one that somebody else may have put there: files and folders of other users, or in which others can
write, links, and whatever was not sealed with the key of this installation are not believed. No fact about a patient
comes here; whoever keeps something sees to that.
"""

import errno
import os
from hashlib import blake2b, sha256
from stat import S_ISDIR, S_ISREG, S_ISVTX
from tempfile import mkstemp

from clinicpress.files import replace_quickly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAGIC = b"clinicpress cache 2\n"
DIGEST = 32  # bytes
BOUND = 500_000_000  # bytes: some thousand layouts
KEPT = 0.9  # of the bound stays after tidying, so that not every new thing asks for it again
ABANDONED = 3600.0  # seconds after which a part that nobody finished was left by a killed process
UNFINISHED = ".part"
OPEN = (
    "others can write in {}, so anybody may have put there what it holds. Name another folder with --cache DIR, or "
    "take that right away."
)
OTHERS_WRITE, OTHERS_TOUCH = 0o022, 0o077  # what the mode of a file lets others do: write; read, write or run


def address(*parts: bytes | str) -> str:
    """The SHA-256 over parts, each after its length: other parts, or the same ones cut elsewhere, lie elsewhere."""
    digest = sha256()
    for part in parts:
        # A file name may hold bytes that are no text; Python writes them as surrogates.
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


class Cache:
    """A folder of at most `bound` bytes. What was not used for longest goes first.

    `key` is the secret of this installation; without one nothing is kept. Another key finds nothing of what this one
    kept, and nobody without it can put something in its place. `trouble` says why something could not be kept, for a
    note; empty when all is well.
    """

    __slots__ = ("_bound", "_folder", "_key", "_since_tidied", "_sound", "trouble")

    def __init__(self, folder: "Path | str", key: bytes, bound: int = BOUND) -> None:
        self._folder, self._key, self._bound = str(folder), key, bound
        self._since_tidied = 0
        self._sound = ""
        self.trouble = ""

    @property
    def handed_on(self) -> tuple[str, bytes] | None:
        """Folder and key, for another process that shall use it; nothing when nothing is kept."""
        return (self._folder, self._key) if self._key else None

    def get(self, address: str) -> bytes | None:
        """What lies at an address, or None. A damaged file is removed, and counts as absent."""
        path = self._place(address)
        if not path or not _is_ours_alone(os.path.dirname(path)):
            return None
        kept = read_ours(path, len(MAGIC) + DIGEST + self._bound)
        if kept is None:
            return None
        data = memoryview(kept)[len(MAGIC) + DIGEST :]
        if kept[: len(MAGIC) + DIGEST] != self._head(address, data):
            _remove(path)
            return None
        try:
            os.utime(path)  # used just now; far cheaper than reading it was
        except OSError:
            pass  # removed meanwhile
        return bytes(data)

    def put(self, address: str, data: bytes) -> None:
        """Keeps something. When that cannot be, nothing happens but that `trouble` says why."""
        if len(data) > self._bound:
            return
        try:
            self._trusted(make=True)
            path = self._place(address)
            if not path or not self._has_home(os.path.dirname(path)):
                return
            self._write(path, self._head(address, memoryview(data)), data)
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
        """Where something lies, in the real folder behind all links; empty when the folder is not to be trusted.

        The name is made with the key: no address leads out of the folder, and two installations do not meet in it.
        """
        name = blake2b(_named(address), digest_size=DIGEST, key=self._key, person=b"place").hexdigest()
        return os.path.join(self._sound, name[:2], name[2:]) if self._trusted() else ""

    def _head(self, address: str, data: memoryview) -> bytes:
        """What a file begins with. The digest covers the address as well: a file in the wrong place is not believed."""
        digest = sha256(_named(address))
        digest.update(data)
        return MAGIC + blake2b(digest.digest(), digest_size=DIGEST, key=self._key, person=b"content").digest()

    def _trusted(self, *, make: bool = False) -> bool:
        """Whether nobody else can write in the folder, or put another one in its place. It is looked at once.

        `make`: it is made when it is not there, and `trouble` says what is wrong with it. Raises `OSError` then.
        """
        if self._sound:
            return True
        if not self._key:
            if make:
                self._refuse("this installation can keep no key. Set CLINICPRESS_STATE to a folder that is yours.")
            return False
        folder = os.path.realpath(self._folder)
        if make:
            _make_folder(folder)
        open_one = _open_to_others(folder)
        if not open_one:
            self._sound = folder
        elif make:
            self._refuse(OPEN.format(open_one))
        return not open_one

    def _has_home(self, home: str) -> bool:
        """Makes the folder for a file, and tells whether nobody else can write there. Raises `OSError`."""
        if os.path.islink(home):
            _remove(home)  # it leads elsewhere, and only we can have put it there
        _make_folder(home)
        if not _is_ours_alone(home):
            self._refuse(OPEN.format(home))
            return False
        return True

    def _refuse(self, why: str) -> None:
        self.trouble = (
            f"The cache {self._folder} is not used: {why} What was asked for is made all the same, only slower."
        )

    def _write(self, path: str, head: bytes, data: bytes) -> None:
        """Writes a file beside its place and renames it. Nothing waits for the disk (fsync).

        A file that a power cut tore does not match its digest, and is not believed when it is read.
        """
        descriptor, unfinished = mkstemp(UNFINISHED, f".{os.path.basename(path)}.", os.path.dirname(path))
        replace_quickly(path, unfinished, head, data, descriptor=descriptor)

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
        for folder in os.scandir(self._sound):
            if len(folder.name) == 2 and folder.is_dir(follow_symlinks=False):
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if not _is_ours(entry.name):
                            continue
                        try:
                            found = entry.stat(follow_symlinks=False)
                        except FileNotFoundError:
                            continue
                        yield found.st_mtime, found.st_size, entry.path


class _NoCache(Cache):
    """Keeps nothing."""

    __slots__ = ()

    def get(self, address: str) -> bytes | None:  # noqa: ARG002
        return None

    def put(self, address: str, data: bytes) -> None:
        pass


NO_CACHE: Cache = _NoCache(os.devnull, b"")
"""A cache that keeps nothing: what is made with it is made again."""


def read_ours(path: str, most: int, others: int = OTHERS_WRITE) -> bytes | None:
    """What a file of this user holds, of at most so many bytes; None for all else that may lie there.

    A link is not followed, a pipe is not waited for. `others` is what nobody else may be allowed to do with it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb", buffering=0) as file:
            found = os.fstat(descriptor)
            ours = S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & others
            return file.read() if ours and found.st_size <= most else None
    except OSError:
        return None


def _named(address: str) -> bytes:
    """An address before what lies there, so that the two cannot be cut elsewhere."""
    name = address.encode("utf-8", "surrogatepass")
    return len(name).to_bytes(8) + name


def _is_ours_alone(folder: str) -> bool:
    """Whether this is a folder of this user, no link to one, in which nobody else can write."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & OTHERS_WRITE


def _open_to_others(folder: str) -> str:
    """The folder in which somebody else can put another one in the place of this one, or write in it; empty when none.

    Whoever owns the root of all folders is trusted, since there is no way round; so are folders like /tmp, in which
    nobody can rename what belongs to another user (the sticky bit).
    """
    if not _is_ours_alone(folder):
        return folder
    trusted = (0, os.geteuid(), os.stat("/").st_uid)
    while (above := os.path.dirname(folder)) != folder:
        folder = above
        found = os.lstat(folder)
        if found.st_uid not in trusted or (found.st_mode & OTHERS_WRITE and not found.st_mode & S_ISVTX):
            return folder
    return ""


def _is_ours(name: str) -> bool:
    """Whether a file of this name was kept by us, or was about to be."""
    if name.startswith(".") and name.endswith(UNFINISHED):
        name = name[1 : 2 * DIGEST - 1]
    return len(name) == 2 * DIGEST - 2 and not name.strip("0123456789abcdef")


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
            if not os.path.isdir(folder):  # else another process was faster
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
