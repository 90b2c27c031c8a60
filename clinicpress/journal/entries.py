"""What may be recorded: closed lists of deeds and of facts, in which no fact about a patient has a name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from clinicpress.json_text import read_json


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
    MENDED = "mended"


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


def as_json(who: str, did: Did, at: datetime, facts: Mapping[str, object]) -> dict[str, object]:
    """An entry as its line holds it, in this order, between its number and its digest."""
    return {"at": at.isoformat(timespec="seconds"), "who": who, "did": str(did), "facts": facts}


def entry_of(line: bytes) -> Entry:
    """The entry of a line. Raises `ValueError`, `KeyError` or `TypeError` when it is none."""
    said: dict[str, Any] = read_json(line, halves=True)
    at, facts = datetime.fromisoformat(said["at"]), MappingProxyType(dict(said["facts"]))
    return Entry(int(said["number"]), at, str(said["who"]), Did(said["did"]), facts, str(said["digest"]))
