"""The versions of the tables, and the files out of which the first one is made where an older program kept such.

Those files held people, browsers and the journal. They are read whole and verified before anything is written, come
into the database in one step, and get another name when that is on the disk. What a kill leaves undone, the next start
does.
"""

import hashlib
import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from clinicpress import files
from clinicpress.errors import InputError
from clinicpress.files import read_file
from clinicpress.json_text import read_json
from clinicpress.record.entries import (
    LONGEST,
    Chain,
    DamagedRecordError,
    Head,
    JournalFault,
    Sealed,
    UnfinishedPrint,
    entry_of,
    note_print,
    same_name,
)

Migration = Callable[[sqlite3.Connection], object]

_FIRST = """
CREATE TABLE entry (number INTEGER PRIMARY KEY, words TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, last TEXT NOT NULL, digest TEXT NOT NULL
) STRICT;
CREATE TABLE print (
    entry INTEGER PRIMARY KEY REFERENCES entry (number), packet TEXT NOT NULL, job INTEGER NOT NULL
) STRICT;
CREATE TABLE person (
    id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''), name TEXT NOT NULL CHECK (name <> ''),
    compared TEXT NOT NULL UNIQUE, role TEXT NOT NULL CHECK (role IN ('desk', 'clinician', 'manager')),
    credential TEXT NOT NULL, passphrase TEXT NOT NULL
) STRICT;
CREATE TABLE browser (one INTEGER PRIMARY KEY CHECK (one = 1), secret BLOB NOT NULL) STRICT;
CREATE TABLE taken_over (file TEXT PRIMARY KEY NOT NULL, sha256 TEXT NOT NULL) STRICT;
"""


def _first(connection: sqlite3.Connection) -> None:
    for statement in _FIRST.split(";")[:-1]:
        connection.execute(statement)


MIGRATIONS: tuple[Migration, ...] = (_first,)
"""What makes each version of the tables out of the one before. A new version is a new step; none is ever changed."""


def schema(connection: sqlite3.Connection) -> set[tuple[str, ...]]:
    """The tables of a database as they were declared, and whatever else was."""
    return set(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall())


@cache
def schema_of(migrations: tuple[Migration, ...]) -> set[tuple[str, ...]]:
    """The tables as these steps declare them."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for migrate in migrations:
            migrate(connection)
        return schema(connection)


# Before the first version ---------------------------------------------------------------------------------------------

JOURNAL, HEAD, PEOPLE, BROWSERS = "journal.jsonl", "journal.head", "people.json", "browsers"
ASIDE = ".taken-over"  # what the names end with afterwards
MOST_BYTES = 2_000_000_000  # of a journal: some millions of entries
MOST_PEOPLE = 10_000_000  # bytes: some 40,000 people
_LINE = re.compile(rb'(\{.*),"digest":"([0-9a-f]{64})"\}\n')
_ARGON2 = re.compile(r"\$argon2(id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[\w+/]+\$[\w+/]+", re.ASCII)
_PERSON = ("id", "name", "role", "credential", "argon2")


@dataclass(frozen=True, slots=True)
class OldFiles:
    """What the files of an older version hold, verified. `sums` are the SHA-256 of each by its name."""

    folder: Path
    sums: Mapping[str, str]
    head: Head
    seal: str
    entries: tuple[Sealed, ...]
    prints: tuple[UnfinishedPrint, ...]
    people: tuple[tuple[str, ...], ...]
    browsers: bytes

    @staticmethod
    def here(folder: Path) -> list[str]:
        """The names of such files in a folder."""
        return [name for name in (JOURNAL, HEAD, PEOPLE, BROWSERS) if (folder / name).exists()]

    @classmethod
    def read(cls, folder: Path, key: bytes) -> "OldFiles":
        """Reads and verifies them; where there are none, nothing was recorded yet.

        Raises `DamagedRecordError` for a journal that is not as it was written, and `InputError`.
        """
        texts = {name: _bytes(folder / name) for name in cls.here(folder)}
        chain = Chain(key)
        rows = _journal(folder, texts, chain)
        head = Head(len(rows), rows[-1][1]) if rows else Head()
        prints: list[UnfinishedPrint] = []
        for words, digest in rows:
            if b'"packet"' in words:
                note_print(prints, entry_of(words, digest))
        return cls(
            folder,
            {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()},
            head,
            chain.seal_of_head(head),
            tuple(rows),
            tuple(prints),
            tuple(_people(folder / PEOPLE, texts[PEOPLE])) if PEOPLE in texts else (),
            texts.get(BROWSERS, b""),
        )

    def write(self, connection: sqlite3.Connection) -> None:
        """Puts it all into tables that are new. Raises `InputError`."""
        put, numbered = connection.executemany, enumerate(self.entries, 1)
        put(
            "INSERT INTO entry VALUES (?, ?, ?)", ((number, words.decode(), seal) for number, (words, seal) in numbered)
        )
        put("INSERT INTO head VALUES (1, ?, ?, ?)", [(self.head.number, self.head.last, self.seal)])
        put("INSERT INTO print VALUES (?, ?, ?)", ((one.entry, one.packet, one.job) for one in self.prints))
        try:
            put("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)", self.people)
        except sqlite3.IntegrityError as error:  # somebody stands there twice, or as what nobody can be
            raise _damaged(self.folder / PEOPLE) from error
        put("INSERT INTO browser VALUES (1, ?)", [(self.browsers,)] if self.browsers else [])
        put("INSERT INTO taken_over VALUES (?, ?)", self.sums.items())

    @classmethod
    def put_aside(cls, folder: Path, taken: Mapping[str, str]) -> None:
        """Gives each file its other name once the database holds what it says. Raises `InputError` when it does not."""
        for name in cls.here(folder):
            path = folder / name
            aside = path.with_name(name + ASIDE)
            same = hashlib.sha256(_bytes(path)).hexdigest() == taken.get(name)
            if not same or (aside.exists() and hashlib.sha256(_bytes(aside)).hexdigest() != taken[name]):
                raise InputError(
                    f"{path} holds what the record does not: an older version of this program wrote it, or somebody "
                    "put it there. Nothing was recorded. Move it to a safe place, then run this again."
                )
            path.replace(aside)
        files.sync_folder(folder)


def _bytes(path: Path) -> bytes:
    try:
        data = read_file(path, MOST_BYTES)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Ask who may read there.") from error
    if len(data) > MOST_BYTES:
        raise InputError(f"{path} is larger than any journal is. Move it to a safe place: a new one begins then.")
    return data


def _journal(folder: Path, texts: Mapping[str, bytes], chain: Chain) -> list[Sealed]:
    """The entries of a journal in lines. A last line that a crash tore is left out: nobody was told of it."""
    if not texts.get(JOURNAL) and HEAD not in texts:
        return []
    head, faults = _head(texts.get(HEAD, b""), chain), list[JournalFault]()
    if head is None:
        faults = [JournalFault(0, f"{HEAD} is gone or was changed, or the key of this installation is another one.")]
    *lines, torn = texts.get(JOURNAL, b"").split(b"\n")
    rows = [_sealed(line + b"\n") for line in lines]
    faults += chain.faults([*rows, *([None] if torn and _cut_off(rows, head) else [])], head)
    if faults:
        raise DamagedRecordError(
            f"The journal {folder / JOURNAL} was changed by another hand, so nothing is taken over from it and nothing "
            f"is recorded. 'python generate.py journal verify' shows where. To go on, move it and {HEAD} to a safe "
            "place: a new journal begins then.",
            faults,
        )
    return [one for one in rows if one is not None]


def _cut_off(rows: list[Sealed | None], head: Head | None) -> bool:
    """Whether a line without an end is one that was acknowledged."""
    return head is None or len(rows) < head.number


def _sealed(line: bytes) -> Sealed | None:
    found = _LINE.fullmatch(line) if len(line) <= LONGEST + 100 else None
    return (found[1] + b"}", found[2].decode()) if found else None


def _head(text: bytes, chain: Chain) -> Head | None:
    sealed = _sealed(text)
    if sealed is None or not chain.follows(sealed):
        return None
    facts: dict[str, Any] = read_json(sealed[0])
    return Head(facts["number"], facts["last"])


def _damaged(path: Path) -> InputError:
    return InputError(
        f"{path} is damaged, so nobody can sign in. Put back a copy of it, or move it away and add the people again "
        "(python generate.py serve --help)."
    )


def _people(path: Path, text: bytes) -> list[tuple[str, ...]]:
    """The people of a file, each as a row. Raises `InputError`."""
    if len(text) > MOST_PEOPLE:
        raise _damaged(path)
    try:
        return [_person(entry) for entry in read_json(text)["people"]]
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error


def _person(entry: Mapping[str, str]) -> tuple[str, ...]:
    id_, name, role, credential, argon2 = (entry[one] for one in _PERSON)
    known = len(entry) == len(_PERSON) and all(isinstance(one, str) for one in entry.values())
    if not known or not _ARGON2.fullmatch(argon2):
        raise ValueError("not as it was written")
    return id_, name, same_name(name), role, credential, argon2
