"""Who may sign in at the desk, changed from the command line (`serve --add-person` and its like)."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click

from clinicpress.cli import installation
from clinicpress.errors import InputError
from clinicpress.record import Did
from clinicpress.record.people import MOST_LETTERS, People, Person, Role

LONGEST = 4 * MOST_LETTERS + 2  # bytes of a line that holds a passphrase, in UTF-8


@dataclass(frozen=True, slots=True)
class PeopleWish:
    """What is asked about people; one thing at a time."""

    add: str | None = None
    role: Role | None = None
    credential: str | None = None
    change: str | None = None
    remove: str | None = None
    show: bool = False

    @property
    def meant(self) -> bool:
        """Whether anything about people was asked for."""
        return self.show or any(one is not None for one in (self.add, self.role, self.credential, *self._others))

    @property
    def _others(self) -> tuple[str | None, str | None]:
        return self.change, self.remove

    def checked(self) -> None:
        """Raises `InputError` when options do not go together."""
        if sum((self.show, *(one is not None for one in (self.add, *self._others)))) != 1:
            raise InputError(
                "Ask for one thing at a time: --add-person, --change-passphrase, --remove-person, or "
                "--list-people. --role and --credential go with --add-person."
            )
        if self.add is None and (self.role or self.credential is not None):
            raise InputError("--role and --credential go with --add-person.")
        if self.add is not None and self.role is None:
            raise InputError(f"Say what the person may do: --role {'|'.join(Role)}.")
        if self.role is Role.CLINICIAN and not self.credential:
            raise InputError('A clinician needs a --credential, for example "ND": it stands in approvals.')


def obeyed(wish: PeopleWish, *, as_json: bool) -> list[str]:
    """Does what is asked, records it in the journal, and returns what is to be said. Raises `InputError`."""
    wish.checked()
    database = installation.record()
    people = People(database)
    if wish.show:
        return _told(people.all(), as_json=as_json)
    record = installation.recorder(database)  # raised before anything is done when the journal takes no entry
    if wish.change is not None:
        people.find(wish.change)  # before a passphrase is asked for
    passphrase = "" if wish.remove is not None else _passphrase()
    with database.writing():  # the change and its entry: both, or neither
        if wish.add is not None and wish.role is not None:
            did, person = Did.PERSON_ADDED, people.add(wish.add, wish.role, wish.credential or "", passphrase)
        elif wish.change is not None:
            did, person = Did.PASSPHRASE_CHANGED, people.change_passphrase(wish.change, passphrase)
        else:
            did, person = Did.PERSON_REMOVED, people.remove(wish.remove or "")
        record(did, id=person.id, person=person.name, role=str(person.role))
    return _told([person], as_json=as_json)


def _told(people: Sequence[Person], *, as_json: bool) -> list[str]:
    """People as JSON, or one a line."""
    if as_json:
        return [json.dumps({"people": [asdict(one) for one in people]}, ensure_ascii=False, indent=1)]
    lines = [f"{one.name}{f', {one.credential}' if one.credential else ''} ({one.role})  {one.id}" for one in people]
    return lines or ["Nobody may sign in yet. Add somebody with --add-person."]


def _passphrase() -> str:
    """A passphrase, typed twice without being shown; from anything but a terminal, the first line of the input.

    Raises `InputError`.
    """
    if os.isatty(0):
        return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt="Once more", err=True))
    line = sys.stdin.buffer.readline(LONGEST)
    try:
        passphrase = line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError("The passphrase in the input is not UTF-8.") from None
    if not passphrase:
        raise InputError("The passphrase is missing: it is the first line of the input.")
    return passphrase
