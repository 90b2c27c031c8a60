"""Who did what, and when: a list that is only added to, and in which any later change is found.

Each entry ends with a keyed digest (HMAC-SHA256) over its own words and the digest of the one before, so that none can
be changed, taken out, put in or moved by anybody who has not the installation's key. A head says how many entries
there are, so that those that were cut off at the end are missed too. Beside them stand the prints of which the journal
has not heard the end, the people (`people`) and the known browsers, all in one file (`database`).

What it does not promise: whoever holds the key can write another journal, and whoever puts back an older copy of the
whole file is not found here. Against that, note the last digest elsewhere (`journal verify` prints it).
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from clinicpress.errors import InputError
from clinicpress.record.database import FILE, Database
from clinicpress.record.entries import (
    KEYS,
    Chain,
    DamagedRecordError,
    Deed,
    Did,
    Entry,
    Head,
    JournalFault,
    Sealed,
    UnfinishedPrint,
    entry_of,
    note_print,
    number_in,
    refuse_what_has_no_place,
    words_of,
)
from clinicpress.record.versions import HEAD, JOURNAL, OldFiles

__all__ = ["KEYS", "Database", "Deed", "Did", "Entry", "Journal", "JournalFault", "UnfinishedPrint"]

SEE = "'python generate.py journal verify' shows where."
_ENTRIES = "SELECT CAST(words AS BLOB), digest FROM entry"


class Journal:
    """The journal of one installation, in its database."""

    def __init__(self, database: Database) -> None:
        self._database, self._chain = database, Chain(database.key)

    @property
    def path(self) -> Path:
        """The file it lies in: that of an older version, as long as it was not taken over."""
        not_yet = {JOURNAL, HEAD} & set(OldFiles.here(self._database.folder)) and not self._database.path.exists()
        return self._database.folder / JOURNAL if not_yet else self._database.path

    def add(self, who: str, did: str, at: datetime, **facts: object) -> Entry:
        """Adds what somebody did. When this returns, it is on the disk and outlasts a power cut.

        Others who add at the same time wait for each other. Raises `InputError` when the disk is full, or when the
        end of the journal is not as it was written; nothing is added then. A fact without a place here is a bug.
        """
        return self.add_all([Deed(who, did, at, facts)])[0]

    def add_all(self, deeds: Sequence[Deed]) -> list[Entry]:
        """Adds what several people did, in this order: all of it, or nothing. The disk is waited for once.

        Raises as `add` does.
        """
        for one in deeds:
            refuse_what_has_no_place(one.who, one.did, one.at, one.facts)
        with self._database.writing() as connection:
            head, added = self._end(connection), list[Entry]()
            before = _unfinished(connection)
            prints = list(before)
            for deed in deeds:
                words = words_of(head.number + 1, deed)
                head = Head(head.number + 1, self._chain.digest(words, head.last))
                connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (head.number, words.decode(), head.last))
                added.append(entry_of(words, head.last))
                note_print(prints, added[-1])
            gone, new = set(before) - set(prints), set(prints) - set(before)
            connection.executemany("DELETE FROM print WHERE entry = ?", [(one.entry,) for one in gone])
            connection.executemany(
                "INSERT INTO print VALUES (?, ?, ?)", [(one.entry, one.packet, one.job) for one in new]
            )
            given = (head.number, head.last, self._chain.seal_of_head(head))
            connection.execute("UPDATE head SET number = ?, last = ?, digest = ?", given)
        return added

    def refuse_when_changed(self) -> None:
        """Raises `InputError` when the journal would take no entry, before anything is done that belongs into it."""
        with self._database.writing() as connection:
            self._end(connection)

    def entries(self, last: int | None = None) -> Iterator[Entry]:
        """All entries as they stand, or the last ones, unchecked. Raises `InputError` at one that is none."""
        with self._database.reading() as connection:
            if connection is None:
                return
            rows: Iterable[Sealed] = connection.execute(f"{_ENTRIES} ORDER BY number")
            if last is not None:
                rows = reversed(connection.execute(f"{_ENTRIES} ORDER BY number DESC LIMIT ?", (last,)).fetchall())
            for words, digest in rows:
                try:
                    entry = entry_of(words, digest)
                except (ValueError, KeyError, TypeError):
                    raise InputError(f"{self.path} holds a line that is no entry. {SEE}") from None
                yield entry

    def unfinished_prints(self) -> list[UnfinishedPrint]:
        """The prints that were begun and not ended, in their order. Raises `InputError`."""
        with self._database.reading() as connection:
            return [] if connection is None else _unfinished(connection)

    def check(self) -> list[JournalFault]:
        """Every place where the journal is not as it was written; nothing when it is intact. Raises `InputError`."""
        try:
            with self._database.reading() as connection:
                if connection is None:
                    return [JournalFault(0, "There is no journal: nothing was recorded yet, or it was taken away.")]
                return self._database.damages(connection) or self._faults(connection)
        except DamagedRecordError as error:
            return list(error.faults)

    def _faults(self, connection: sqlite3.Connection) -> list[JournalFault]:
        head, faults, prints = _head(connection), list[JournalFault](), list[UnfinishedPrint]()
        if head is None or not self._chain.is_head(*head):
            said = f"The head in {FILE} is gone or was changed, or the key of this installation is another one."
            faults.append(JournalFault(0, said))
            head = None
        renumbered, last = list[JournalFault](), Head()

        def rows() -> Iterator[Sealed]:
            nonlocal last
            found = connection.execute("SELECT number, CAST(words AS BLOB), digest FROM entry ORDER BY number")
            for line, (number, words, digest) in enumerate(found, 1):
                if number != number_in(words):
                    renumbered.append(JournalFault(line, f"Entry {number_in(words)} was given the number {number}."))
                elif b'"packet"' in words:
                    _note(prints, words, digest)
                last = Head(number, digest)
                yield words, digest

        faults += self._chain.faults(rows(), head and head[0]) or renumbered
        if not faults and head and last != head[0]:
            faults.append(JournalFault(last.number, "The head knows of fewer entries: it is an older one."))
        kept = connection.execute("SELECT entry, packet, job FROM print").fetchall()
        if not faults and set(kept) != {(one.entry, one.packet, one.job) for one in prints}:
            faults.append(JournalFault(0, "The prints that are kept as unfinished are not those of the entries."))
        return faults

    def _end(self, connection: sqlite3.Connection) -> Head:
        """Where the journal ends. Raises `InputError` when that is not as it was written; nothing else is looked at."""
        head = _head(connection)
        last = connection.execute("SELECT number, digest FROM entry ORDER BY number DESC LIMIT 1").fetchone()
        if head is None or not self._chain.is_head(*head) or head[0] != (Head(*last) if last else Head()):
            raise InputError(
                f"The journal {self.path} was changed by another hand, so nothing is added to it. {SEE} To go on, move "
                "it to a safe place and restore a backup, or begin a new one and add the people again."
            )
        return head[0]


def _head(connection: sqlite3.Connection) -> tuple[Head, str] | None:
    found = connection.execute("SELECT number, last, digest FROM head").fetchone()
    return (Head(*found[:2]), found[2]) if found else None


def _unfinished(connection: sqlite3.Connection) -> list[UnfinishedPrint]:
    prints = list[UnfinishedPrint]()
    for entry, job in connection.execute("SELECT entry, job FROM print ORDER BY entry").fetchall():
        begun = list[UnfinishedPrint]()  # looked up one by one: joined, SQLite would read all entries
        for words, digest in connection.execute(f"{_ENTRIES} WHERE number = ?", (entry,)):
            _note(begun, words, digest)
        prints += [replace(one, job=job) for one in begun]
    return prints


def _note(prints: list[UnfinishedPrint], words: bytes, digest: str) -> None:
    """Notes what an entry tells of a print; one that was damaged tells nothing, and is found elsewhere."""
    with suppress(ValueError, KeyError, TypeError):
        note_print(prints, entry_of(words, digest))
