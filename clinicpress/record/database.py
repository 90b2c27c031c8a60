"""The file that holds what this installation remembers: its people, browsers, prints and journal, in one database.

Each deed is one transaction: all of it is on the disk when it returns, or none of it. The connection is opened for
the deed and closed behind it, so that no process keeps another one out, and a file that was moved away is noticed.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from stat import S_IMODE, S_ISREG
from urllib.parse import quote

from clinicpress import files
from clinicpress.errors import InputError
from clinicpress.record.entries import DamagedRecordError, JournalFault
from clinicpress.record.versions import MIGRATIONS, Migration, OldFiles, schema, schema_of

FILE = "record.db"
OLDEST_SQLITE = (3, 37)  # the first that knows STRICT. Source: sqlite.org/stricttables.html
PATIENCE = 30.0  # seconds to wait for others who write. SQLite serves in no order, so one may wait for some seconds
LITTLE = 1 << 17  # bytes free on a disk that is as good as full: a deed takes some pages of 4 KB, and 32 KB beside them
REMEDY = "Set CLINICPRESS_STATE to a folder that is yours, or ask who may write there."

WAL = b"\2\2"  # in the bytes 18 and 19 of a file: it is written by way of a log. Source: sqlite.org/fileformat2.html
SETTINGS = (
    "synchronous = FULL",  # a deed is on the disk when it returns
    "foreign_keys = ON",
    "trusted_schema = OFF",  # nothing that somebody put into the tables is run
    "secure_delete = ON",  # what was removed is overwritten
    "wal_autocheckpoint = 100",  # pages: the file beside a record that is held open stays below half a megabyte
)


class Database:
    """The database in the state folder of an installation, whose `key` seals the journal."""

    def __init__(self, folder: Path, key: bytes, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self.folder, self.path, self.key = folder, folder / FILE, key
        self._migrations = tuple(migrations)
        self._mine = threading.local()

    @property
    def begun(self) -> bool:
        """Whether anything was recorded here, also by an older version of this program."""
        return not self._fresh() or bool(OldFiles.here(self.folder))

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that writes: on the disk when the block has ended, and nothing of it when it failed.

        Others who write wait for it; what the same thread does inside the block belongs to it. The database is made on
        first use. Raises `InputError`.
        """
        if (begun := getattr(self._mine, "connection", None)) is not None:
            yield begun
            return
        with self._told_plainly(), self._connected() as connection, _transaction(connection):
            self._mine.connection = connection
            try:
                yield connection
            finally:
                self._mine.connection = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """The database as it is at one moment, whoever writes meanwhile; None when there is none yet.

        Inside `writing` it is as that has left it. Raises `InputError`.
        """
        if (begun := getattr(self._mine, "connection", None)) is not None:
            yield begun
            return
        if not self.begun:
            yield None
            return
        with self._told_plainly(), self._connected(only_reads=True) as connection:
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def held_open(self) -> Iterator[None]:
        """Keeps the files beside the database where they are as long as the block runs, as a desk does.

        A deed waits for the disk less often then, and whoever reads needs no room on it. Raises `InputError` at once.
        """
        with ExitStack() as held:
            with self._told_plainly():
                held.enter_context(self._connected()).execute("SELECT number FROM head").fetchall()
            yield

    def copy_to(self, path: Path) -> None:
        """A copy of the database as it is at one moment, also while others write. Raises `InputError`."""
        with (
            self._told_plainly(),
            self._connected(only_reads=True) as connection,
            closing(sqlite3.connect(path, isolation_level=None)) as copy,
        ):
            copy.execute(
                "PRAGMA journal_mode = OFF"
            )  # nothing lies beside the copy; who wants it whole writes it again
            connection.backup(copy)
        with path.open("r+b") as file:
            file.seek(18)
            file.write(WAL)

    def browser_secret(self, chance: bytes) -> bytes:
        """What the marks of known browsers are made with; `chance`, when there was none. Raises `InputError`."""
        with self.writing() as connection:
            connection.execute("INSERT INTO browser VALUES (1, ?) ON CONFLICT DO NOTHING", (chance,))
            return bytes(connection.execute("SELECT secret FROM browser").fetchone()[0])

    def forget_browsers(self) -> None:
        """Lets go of all known browsers: each needs a link again from the next start on. Raises `InputError`."""
        with self.writing() as connection:
            connection.execute("DELETE FROM browser")

    def damages(self, connection: sqlite3.Connection) -> list[JournalFault]:
        """What is wrong with the file itself: pages that do not hold together, tables that are not as we make them."""
        faults = []
        if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            faults.append(JournalFault(0, f"{FILE} is damaged: its parts do not belong together."))
        if schema(connection) != schema_of(self._migrations):
            faults.append(JournalFault(0, f"The tables of {FILE} are not as this program makes them."))
        return faults

    def _fresh(self) -> bool:
        """Whether there is no database yet; an empty file is none."""
        try:
            facts = self.path.lstat()
            return S_ISREG(facts.st_mode) and facts.st_size == 0
        except FileNotFoundError:
            return True
        except OSError:  # whoever opens it is told
            return False

    @contextmanager
    def _connected(self, *, only_reads: bool = False) -> Iterator[sqlite3.Connection]:
        if self._fresh() or OldFiles.here(self.folder):
            self._bring_up_to_date()
        with closing(self._open(only_reads=only_reads)) as connection:
            if _version(connection) == len(self._migrations):
                yield connection
                return
        self._bring_up_to_date()
        with closing(self._open(only_reads=only_reads)) as connection:
            yield connection

    def _open(self, *, only_reads: bool = False) -> sqlite3.Connection:
        self._look_at_files()
        # Readers and writers agree by files beside the database. Where nobody can write, they are not needed: on a disk
        # that is only read, and on a full one, on which they can often not be made.
        alone = "mode=ro&immutable=1" if only_reads and not _holds_something(self._beside[0]) else "mode=ro"
        if only_reads and not (os.access(self.path, os.W_OK) and os.access(self.folder, os.W_OK)):
            return self._open_by(alone)
        try:
            return self._open_by("mode=rw")
        except sqlite3.OperationalError:
            if not (only_reads and self._full()):
                raise
            return self._open_by(alone)

    def _open_by(self, way: str) -> sqlite3.Connection:
        address = f"file:{quote(os.fsencode(self.path.absolute()))}?{way}"
        connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        # Letters that are none are a change like any other, to be found and told; they must not end the reading.
        connection.text_factory = lambda letters: letters.decode("utf-8", "backslashreplace")
        try:
            for setting in SETTINGS:
                connection.execute(f"PRAGMA {setting}")
            self._refuse_unknown(_version(connection))
        except BaseException:
            connection.close()
            raise
        return connection

    def _refuse_unknown(self, version: int) -> None:
        if version > len(self._migrations):
            raise InputError(
                f"{self.path} was written by a newer version of this program (its tables have version {version}, "
                f"known here is {len(self._migrations)}). Start the newer one, or restore a backup of before."
            )
        if version < 1:
            raise self._damaged()

    @property
    def _beside(self) -> tuple[Path, Path]:
        """The files that SQLite keeps beside a database while somebody works with it, or after a crash."""
        return Path(f"{self.path}-wal"), Path(f"{self.path}-shm")

    def _look_at_files(self) -> None:
        """Refuses links and what is no file, and makes a database that others can read one for its owner only.

        It opens none of them: to close a file of a database lets go of the locks that this process has on it.
        """
        for path in (self.path, *self._beside):
            with suppress(FileNotFoundError):
                facts = path.lstat()
                if not S_ISREG(facts.st_mode):
                    raise InputError(f"{path} cannot be written: it is a link, or no file. Move it away. {REMEDY}")
                if S_IMODE(facts.st_mode) & 0o077 and facts.st_uid == os.geteuid():
                    path.chmod(0o600)

    def _bring_up_to_date(self) -> None:
        """Makes the tables or their newest version, and takes over what an older program kept in files."""
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise InputError(
                f"SQLite {sqlite3.sqlite_version} is too old for the record: it needs 3.37 or newer. "
                "'python generate.py doctor' says how to get it."
            )
        files.make_folder(self.folder)
        with files.alone(self.folder):
            self._look_at_files()
            if self._fresh():
                self._begin()
            with closing(self._open()) as connection:
                with _transaction(connection):
                    for version in range(_version(connection), len(self._migrations)):
                        self._migrations[version](connection)
                        connection.execute(f"PRAGMA user_version = {version + 1}")
                taken = dict(connection.execute("SELECT file, sha256 FROM taken_over").fetchall())
            OldFiles.put_aside(self.folder, taken)

    def _begin(self) -> None:
        """Puts a new database in its place, whole or not at all, with all that the files of old hold."""
        if _holds_something(self._beside[0]):
            raise InputError(
                f"{self._beside[0]} is there without {self.path.name}: it holds the last entries of a record that was "
                "moved away. Put the two beside each other again, or move this one to a safe place too."
            )
        old = OldFiles.read(self.folder, self.key)
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            self._migrations[0](connection)
            old.write(connection)
            connection.execute("PRAGMA user_version = 1")
            new = bytearray(connection.serialize())
        new[18:20] = WAL
        files.write(self.path, bytes(new), REMEDY)

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        """Turns what SQLite and the system say into sentences: raises `InputError`."""
        try:
            with files.told_plainly(self.path, REMEDY):
                yield
        except sqlite3.Error as error:
            if (told := self._sentence(error)) is None:
                raise  # a bug of ours
            raise told from error

    def _sentence(self, error: sqlite3.Error) -> InputError | None:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:
            return None
        match code & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return InputError(
                    f"Somebody else is writing in {self.folder}; nothing was recorded. Wait a moment, then try again."
                )
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_FORMAT:
                return self._damaged()
            case sqlite3.SQLITE_ERROR if not self._has_our_tables():
                return self._damaged()
            case sqlite3.SQLITE_ERROR | sqlite3.SQLITE_CONSTRAINT | sqlite3.SQLITE_MISUSE:
                return None
        if code & 0xFF == sqlite3.SQLITE_FULL or self._full():
            return InputError(
                f"The disk is full: {self.path} was not written, and what was there before is intact. "
                "Free some space, then run it again."
            )
        return InputError(f"{self.path} cannot be read or written: {error}. {REMEDY}")

    def _damaged(self) -> DamagedRecordError:
        return DamagedRecordError(
            f"{self.path} is damaged, or is no record of ours, so nobody can sign in and nothing is recorded. Move it "
            "to a safe place, with the files beside it whose names begin with its own; then restore a backup (python "
            "generate.py restore --help). Without one, a new record begins, and people have to be added again."
        )

    def _full(self) -> bool:
        with suppress(OSError):
            facts = os.statvfs(self.folder)
            return facts.f_bavail * facts.f_frsize < LITTLE
        return False

    def _has_our_tables(self) -> bool:
        with suppress(sqlite3.Error, InputError), closing(self._open(only_reads=True)) as connection:
            return schema(connection) == schema_of(self._migrations)
        return False


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite has ended it already, or will when the connection is closed
            connection.execute("ROLLBACK")
        raise


def _holds_something(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_size > 0
    return False


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
