"""Who did what, and when: a list that is only added to, and in which any later change is found.

Each line is one entry. It ends with a keyed digest (HMAC-SHA256) over its own words and the digest of the line before,
so that no line can be changed, taken out, put in or moved by anybody who has not the installation's key. A second small
file, `journal.head`, says how many lines there are, so that lines that were cut off at the end are missed too.

What it does not promise: whoever holds the key can write another journal, and whoever puts back older copies of both
files at once is not found here. Against that, note the last digest elsewhere (`journal verify` prints it).
"""

import errno
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from clinicpress import delivery
from clinicpress.errors import InputError
from clinicpress.journal.chain import LONGEST, Chain, Fault, Head, pieces
from clinicpress.journal.entries import KEYS, Deed, Did, Entry, as_json, entry_of, refuse_what_has_no_place

__all__ = ["KEYS", "Deed", "Did", "Entry", "Fault", "Journal"]

REMEDY = "Set CLINICPRESS_STATE to a folder that is yours, or ask who may write there."
SEE = "'python generate.py journal verify' shows where."


class Journal:
    """The journal of one installation: a file of one JSON object a line, and its head beside it."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path, self._place = path, path.with_suffix(".head")
        self._chain = Chain(key)

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
        with self._alone() as (descriptor, found):
            head, torn = self._caught_up(descriptor, found)
            if torn:
                head, _ = self._append(descriptor, head, [as_json(deeds[0].who, Did.MENDED, deeds[0].at, {})])
            contents = [as_json(one.who, Did(one.did), one.at, one.facts) for one in deeds]
            return self._append(descriptor, head, contents)[1]

    def mend(self) -> bool:
        """Call it at the start: cuts off a last line that a crash tore, and tells whether there was one.

        Nobody was told that such a line was written. Raises `InputError` when the journal was changed by another hand.
        """
        if not self._begun():
            return False
        delivery.sweep(self.path.parent)
        with self._alone() as (descriptor, head):
            return self._caught_up(descriptor, head)[1]

    def entries(self, last: int | None = None) -> Iterator[Entry]:
        """All entries as they stand, or the last ones, unchecked. Raises `InputError` at a line that is none."""
        if not self.path.exists():
            return
        with self._read(), self.path.open("rb") as file:
            all_lines = pieces(file, os.fstat(file.fileno()).st_size)
            lines: Iterable[bytes] = all_lines if last is None else deque(all_lines, maxlen=last)
            for line in lines:
                try:
                    entry = entry_of(line)
                except (ValueError, KeyError, TypeError):
                    raise InputError(f"{self.path} holds a line that is no entry. {SEE}") from None
                yield entry

    def check(self) -> list[Fault]:
        """Every place where the journal is not as it was written; nothing when it is intact. Raises `InputError`."""
        if not self._begun():
            return [Fault(0, "There is no journal: nothing was recorded yet, or it was taken away with its head.")]
        with delivery.alone(self.path.parent), self._read():
            head = self._head()
            size = self.path.stat().st_size if self.path.exists() else 0
        faults = []
        if head is None and self._place.exists():
            faults.append(Fault(0, f"{self._place.name} was changed, or the key of this installation is another one."))
        elif head is None:
            faults.append(Fault(0, f"{self._place.name} is gone, so nobody can tell whether lines are missing below."))
        if not self.path.exists():
            return [*faults, *([Fault(0, f"{self.path.name} is gone.")] if head is None or head.number else [])]
        with self._read(), self.path.open("rb") as file:
            return faults + self._chain.faults(pieces(file, size), head)

    def _begun(self) -> bool:
        return self._place.exists() or self.path.exists()

    def _caught_up(self, descriptor: int, head: Head) -> tuple[Head, bool]:
        """The head that belongs to the lines that are there; a torn last line is cut off, and it is told whether."""
        size = os.fstat(descriptor).st_size
        ending = head.ending
        if size < head.size or os.pread(descriptor, len(ending), head.size - len(ending)) != ending:
            raise self._changed()
        *whole, torn = os.pread(descriptor, size - head.size, head.size).split(b"\n")
        for line in whole:  # a crash came between the line and its head
            after = self._chain.after(head, line + b"\n")
            if after is None:
                raise self._changed()
            head = after
        if torn:
            os.ftruncate(descriptor, head.size)
            os.fsync(descriptor)
        if whole:
            self._put(head)
        return head, bool(torn)

    def _append(
        self, descriptor: int, head: Head, contents: Sequence[Mapping[str, object]]
    ) -> tuple[Head, list[Entry]]:
        """Adds lines, forces them to the disk, then says so in the head. What fails is undone."""
        after, lines = head, list[bytes]()
        for content in contents:
            line = self._chain.line({"number": after.number + 1, **content}, after.last)
            following = self._chain.after(after, line)
            if len(line) > LONGEST or following is None:
                raise ValueError("These are more facts than one entry holds.")
            after = following
            lines.append(line)
        try:
            _write_whole(descriptor, b"".join(lines))
            self._put(after)
        except BaseException:
            if self._head() != after:
                os.ftruncate(descriptor, head.size)
            raise
        return after, [entry_of(line) for line in lines]

    def _head(self) -> Head | None:
        """What the head says; None when it is not there or not ours."""
        try:
            return self._chain.head(self._place.read_bytes())
        except FileNotFoundError:
            return None

    def _put(self, head: Head) -> None:
        with delivery.written(self._place, REMEDY) as file:
            file.write(self._chain.head_line(head))

    @contextmanager
    def _alone(self) -> Iterator[tuple[int, Head]]:
        """The open journal and its head, and nobody else at work on them. A journal that is not there is begun."""
        with delivery.told_plainly(self.path, REMEDY):
            delivery.make_folder(self.path.parent)
        with delivery.alone(self.path.parent), delivery.told_plainly(self.path, REMEDY):
            if not self._place.exists() and not (self.path.exists() and self.path.stat().st_size):
                self._put(Head())  # before the first line, so that a journal without a head is a fault
            head = self._head()
            if head is None or (head.number and not self.path.exists()):
                raise self._changed()
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(self.path, flags, 0o600)
            try:
                yield descriptor, head
            finally:
                os.close(descriptor)

    @contextmanager
    def _read(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(f"{self.path} cannot be read: {error.strerror}. Ask who may read there.") from error

    def _changed(self) -> InputError:
        message = (
            f"The journal {self.path} was changed by another hand, so nothing is added to it. {SEE} To go on, move it "
            f"and {self._place.name} to a safe place: a new journal begins then."
        )
        return InputError(message)


def _write_whole(descriptor: int, lines: bytes) -> None:
    """Writes lines in one go and forces them to the disk. A part of it means that the disk is full."""
    if os.write(descriptor, lines) < len(lines):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(descriptor)
