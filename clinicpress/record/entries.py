"""What may be recorded, and how entries hang together: each is sealed over its words and the digest of the one before.

The lists of deeds and of facts are closed, and no fact about a patient has a name in them.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from clinicpress.errors import InputError
from clinicpress.json_text import read_json
from clinicpress.letters import folded


class Did(StrEnum):
    """All that the journal knows to tell."""

    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    SIGNED_OUT = "signed-out"
    OPENED = "opened"  # a PDF, for the browser's own print
    PRINTING = "printing"  # written before it is sent, so that no print is without its entry
    SENT = "sent"
    NOT_SENT = "not-sent"
    PRINTED = "printed"
    NOT_PRINTED = "not-printed"
    PERHAPS_PRINTED = "perhaps-printed"  # nobody knows whether its sheets came out
    CANCELLED = "cancelled"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    ROSTER_READ = "roster-read"
    ROSTER_PUT_AWAY = "roster-put-away"
    PERSON_ADDED = "person-added"
    PERSON_REMOVED = "person-removed"
    PASSPHRASE_CHANGED = "passphrase-changed"  # noqa: S105  a name
    STARTED = "started"
    MENDED = "mended"  # a line that a crash had torn was cut off; in journals that were begun as a file of lines
    # What stood in a journal stays in its words: nothing is taken out of this list.


KEYS = frozenset(
    {
        *("topic", "kind", "language", "form", "revision", "review_state", "documents", "profile", "paper"),
        *("copies", "sides", "printer", "job", "packet", "pages", "rows", "refused"),
        *("id", "person", "role", "reason", "until"),
    }
)
"""The names that facts may have. `id` and `person` are of somebody who may sign in, never of a patient."""

MOST_LETTERS = 200  # of one text: names of people and printers, digests and reasons are shorter, a letter is not


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did, before it is written down."""

    who: str
    did: str
    at: datetime
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did. `number` counts from 1; `facts` are plain JSON values."""

    number: int
    at: datetime
    who: str
    did: Did
    facts: Mapping[str, object]
    digest: str


def refuse_what_has_no_place(who: str, did: str, at: datetime, facts: Mapping[str, object]) -> None:
    """Raises `ValueError` when an entry must not be written: a bug.

    It repeats no value: it might be a patient's.
    """
    if did not in set(Did):
        raise ValueError("The journal does not tell of such a deed.")
    if not who or len(who) > MOST_LETTERS:
        raise ValueError("An entry needs the name of the person who did it.")
    if at.tzinfo is None:
        raise ValueError("An entry needs a time with its zone.")
    _refuse_facts(facts, inside=False)


def _refuse_facts(facts: Mapping[str, object], *, inside: bool) -> None:
    if not facts.keys() <= KEYS:
        raise ValueError(f"The journal has no place for a fact of this name. Allowed are: {', '.join(sorted(KEYS))}.")
    for value in facts.values():
        match value:
            case list() if not inside and all(isinstance(one, dict) for one in value):
                for one in value:
                    _refuse_facts(one, inside=True)
            case str() if len(value) <= MOST_LETTERS:
                pass
            case int():  # yes and no are numbers too
                pass
            case _:
                message = f"A fact is a text of at most {MOST_LETTERS} letters, a number, yes or no, or a list of such."
                raise ValueError(message)


def words_of(number: int, deed: Deed) -> bytes:
    """The words of an entry as they are sealed and kept. Raises `ValueError` when they are too many."""
    content = {
        "number": number,
        "at": deed.at.isoformat(timespec="seconds"),
        "who": deed.who,
        "did": str(Did(deed.did)),
        "facts": deed.facts,
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    words = text.encode("utf-8", "backslashreplace")  # a stray half of a character reads back as it was
    if len(words) > LONGEST:
        raise ValueError("These are more facts than one entry holds.")
    return words


def entry_of(words: bytes, digest: str) -> Entry:
    """The entry of these words. Raises `ValueError`, `KeyError` or `TypeError` when it is none."""
    said: dict[str, Any] = read_json(words, halves=True)
    at, facts = datetime.fromisoformat(said["at"]), MappingProxyType(dict(said["facts"]))
    return Entry(int(said["number"]), at, str(said["who"]), Did(said["did"]), facts, digest)


# The chain ------------------------------------------------------------------------------------------------------------

Sealed = tuple[bytes, str]
"""The words of an entry and its digest."""

LONGEST = 1 << 16  # bytes of an entry: a packet of some hundred documents
START = "0" * 64  # the digest before the first entry
FEW = 3  # entries: when all of more than these are wrong, the key is, and one sentence says so
_HEAD = "head"  # stands before the words of the head, so that it can never pass for an entry
_NUMBER = re.compile(rb'\{"number":(\d{1,12}),')


@dataclass(frozen=True, slots=True)
class JournalFault:
    """A place where the journal is not as it was written. Entries count from 1; 0 means the journal as a whole."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries the journal has, and the digest of the last one."""

    number: int = 0
    last: str = START


class DamagedRecordError(InputError):
    """The record, or a file of old that it would take over, is not as it was written. `faults` are the places."""

    def __init__(self, message: str, faults: Sequence[JournalFault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults) or (JournalFault(0, message),)


class Chain:
    """Seals entries and knows them again, with the key of the installation."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, words: bytes, before: str) -> str:
        """The seal over these words behind the entry with that digest.

        The last brace is left out: in the files of old a digest stood before it, and those digests still count.
        """
        return hmac.new(self._key, before.encode() + b"\n" + words[:-1], hashlib.sha256).hexdigest()

    def follows(self, sealed: Sealed, before: str = _HEAD) -> bool:
        """Whether these very words were sealed behind the entry with that digest; without one: as a head."""
        words, digest = sealed
        return words.endswith(b"}") and hmac.compare_digest(digest.encode(), self.digest(words, before).encode())

    def seal_of_head(self, head: Head) -> str:
        """The digest of a head."""
        return self.digest(_words_of_head(head), _HEAD)

    def is_head(self, head: Head, digest: str) -> bool:
        """Whether a head is as it was written."""
        return self.follows((_words_of_head(head), digest))

    def faults(self, rows: Iterable[Sealed | None], head: Head | None) -> list[JournalFault]:
        """What is wrong with the entries; None stands for something that is none.

        After a fault, the digest that stands there counts for the next one.
        """
        faults: list[JournalFault] = []
        before, number, line = START, 0, 0
        complete = head is None or not head.number
        for line, sealed in enumerate(rows, 1):
            if sealed is None:
                faults.append(JournalFault(line, "This is no entry: it was damaged, cut off or put in."))
                continue
            if not self.follows(sealed, before):
                faults.append(JournalFault(line, _out_of_order(sealed[0], number + 1)))
            number, before = number_in(sealed[0]) or number + 1, sealed[1]
            complete = complete or (head is not None and before == head.last)
        if len(faults) == line > FEW:
            faults = [JournalFault(1, f"None of the {line} entries is as written, or the key is not the one of then.")]
        if head is not None and not complete:
            faults.append(JournalFault(line + 1, f"The end is missing: entry {head.number} was written, not found."))
        return faults


def number_in(words: bytes) -> int:
    """The number that an entry gives itself; 0 when it gives none."""
    found = _NUMBER.match(words)
    return int(found[1]) if found else 0


def _words_of_head(head: Head) -> bytes:
    return json.dumps({"number": head.number, "last": head.last}, separators=(",", ":")).encode()


def _out_of_order(words: bytes, expected: int) -> str:
    number = number_in(words) or expected
    if number == expected:
        return f"Entry {number} was changed, or the digest of the one before it was."
    return f"Entry {number} stands where entry {expected} belongs: entries were taken out, put in or moved."


# Prints ---------------------------------------------------------------------------------------------------------------

ENDED = frozenset({Did.NOT_SENT, Did.PRINTED, Did.NOT_PRINTED, Did.PERHAPS_PRINTED, Did.CANCELLED})


@dataclass(frozen=True, slots=True)
class UnfinishedPrint:
    """A print without an end: the entry that began it, its packet, its printer, and when it was begun.

    `job` is its number at the print service; 0 when it had none yet.
    """

    entry: int
    packet: str
    printer: str
    at: datetime
    job: int = 0


def note_print(unfinished: list[UnfinishedPrint], entry: Entry) -> None:
    """Changes the list of unfinished prints by what an entry tells, if it tells of one.

    An end without a beginning is passed over. So is what the command line prints, which has no packet: it is still at
    it, or was asked to leave it.
    """
    if "packet" not in entry.facts:
        return
    packet, job = str(entry.facts["packet"]), int(str(entry.facts.get("job", 0)))
    if entry.did is Did.PRINTING:
        begun = UnfinishedPrint(entry.number, packet, str(entry.facts.get("printer", "")), entry.at)
        unfinished.append(begun)
    elif entry.did is Did.SENT and (found := _found(unfinished, packet, 0)):
        unfinished.remove(found)
        unfinished.append(replace(found, job=job))
    elif entry.did in ENDED and (found := _found(unfinished, packet, job)):
        unfinished.remove(found)


def _found(unfinished: list[UnfinishedPrint], packet: str, job: int) -> UnfinishedPrint | None:
    return next((one for one in unfinished if (one.packet, one.job) == (packet, job)), None)


def same_name(name: str) -> str:
    """A name as it is compared."""
    return folded(name)
