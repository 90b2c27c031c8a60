"""What belongs to this installation of the product and to no clinic's content: its key, its journal, its people."""

import os
import pwd
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clinicpress import files
from clinicpress.cache import OTHERS_TOUCH, read_ours
from clinicpress.errors import InputError

if TYPE_CHECKING:
    from clinicpress.record import Database, Did, Journal


CACHE_SETTING = "CLINICPRESS_CACHE"
STATE_SETTING = "CLINICPRESS_STATE"
KEY_SIZE = 32  # bytes of a key of this installation
OFF = "off"


def usual_cache() -> Path | None:
    """The folder for finished things when no option names one; None when nothing shall be kept."""
    named = os.environ.get(CACHE_SETTING, "")
    if named:
        return None if named == OFF else Path(named)
    for base in (Path(os.environ.get("XDG_CACHE_HOME", "")), Path("~").expanduser() / ".cache"):
        if base.is_absolute():  # the XDG standard asks to pass over others
            return base / "clinicpress"
    return None


def state_folder() -> Path:
    """Where it all lies. The folder need not be there yet.

    CLINICPRESS_STATE names it, else it is ~/.local/share/clinicpress, where the system keeps what programs remember.
    """
    usual = os.environ.get("XDG_DATA_HOME", "") or Path("~").expanduser() / ".local" / "share"
    return Path(os.environ.get(STATE_SETTING, "") or Path(usual) / "clinicpress")


def secret_key() -> bytes:
    """The key of this installation: it seals the journal, and makes names of documents that nobody else can read.

    It is made on first use. Raises `InputError`, also when it is no key: everybody can guess an empty one.
    """
    path = state_folder() / "key"
    try:
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
    except OSError as error:
        message = f"The key {path} cannot be kept: {error.strerror}. Set {STATE_SETTING} to a folder that is yours."
        raise InputError(message) from error
    if len(key) != KEY_SIZE:
        raise InputError(
            f"The key {path} is damaged: it has {len(key)} bytes, not {KEY_SIZE}. Put back a copy of it. If there is "
            "none, move it to a safe place together with record.db: a new key and a new record begin then."
        )
    return key


def cache_key() -> bytes:
    """The key that seals what the cache keeps; made on first use, and again when it is lost or no secret any more.

    Many processes that ask at once get the same one. Empty where it cannot be kept.
    """
    path = state_folder() / "cache.key"  # apart from it, so that what was copied with its folder is not believed
    with suppress(OSError, InputError):
        if not (key := _kept_key(path)):
            files.make_folder(path.parent)
            with files.alone(path.parent):
                if not _kept_key(path):
                    path.unlink(missing_ok=True)
                    _make_key(path)
            key = _kept_key(path)
        return key
    return b""


def _kept_key(path: Path) -> bytes:
    """The key of the cache; empty when there is none, or when others can read it or put another one there."""
    key = read_ours(str(path), KEY_SIZE, OTHERS_TOUCH) or b""
    return key if len(key) == KEY_SIZE else b""


def _make_key(path: Path) -> None:
    """Makes a key, whole or not at all, also when the power fails."""
    with files.beside(path) as (file, unfinished):
        file.write(os.urandom(KEY_SIZE))
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was quicker: its key counts
            os.link(unfinished, path)
        unfinished.unlink()
    files.sync_folder(path.parent)


def record() -> "Database":
    """What this installation remembers. Raises `InputError`."""
    database: Database = _record().Database(state_folder(), secret_key())
    return database


def journal() -> "Journal":
    """Who did what on this installation. Raises `InputError`."""
    book: Journal = _record().Journal(record())
    return book


def _record() -> Any:
    """The room of the record, loaded when it is asked for: most commands need keys and folders only."""
    from clinicpress import record  # noqa: PLC0415

    return record


def account() -> str:
    """The name of the system's account that runs this program: who did what is done from the command line."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # an account of a container may have no name
        return f"account {number}"


def recorder(database: "Database | None" = None) -> "Callable[..., object]":
    """Writes into the journal what this account does from the command line: `record(Did.SENT, job=7)`.

    What a killed run left there is swept. Raises `InputError` at once when the journal takes no entry.
    """
    book, who = _record().Journal(database or record()), account()
    files.sweep(state_folder())
    book.refuse_when_changed()

    def note(did: "Did", **facts: object) -> None:
        book.add(who, did, datetime.now().astimezone(), **facts)

    return note


def print_service() -> str:
    """Where CUPS is found, as all of its own programs are told; empty: where it usually is."""
    return os.environ.get("CUPS_SERVER", "").partition("/version=")[0]
