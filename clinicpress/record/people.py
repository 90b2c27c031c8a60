"""Who may sign in at the front desk, and as what (the only door to argon2).

Passphrases are never kept: what is kept is their argon2id digest, which takes long to try and cannot be turned back.
"""

import base64
import hashlib
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from sqlite3 import Connection

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

from clinicpress.errors import InputError
from clinicpress.record.database import Database
from clinicpress.record.entries import same_name

LEAST_LETTERS, MOST_LETTERS = 12, 256  # of a passphrase. Source of the rules: NIST SP 800-63B, 5.1.1
LONGEST_NAME, LONGEST_CREDENTIAL = 80, 40  # letters; both stand in one line of an approval


class Role(StrEnum):
    """What a person may do: the desk prints, and a clinician also approves texts.

    On the pages a manager may do what the desk may. People are looked after on the command line, by whoever may use the
    account that the desk runs under.
    """

    DESK = "desk"
    CLINICIAN = "clinician"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the clinic who may sign in. `id` stays the same as long as the person does, and is never used again.

    A clinician stands in approvals as "NAME, CREDENTIAL".
    """

    id: str
    name: str
    role: Role
    credential: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    person: Person
    digest: str = field(repr=False)


_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_ALL = "SELECT id, name, role, credential, passphrase FROM person"


class People:
    """The people of one installation, in its database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Person, ...]:
        """Everybody who may sign in, by name. Raises `InputError` when the record is damaged."""
        return tuple(sorted((one.person for one in self._read()), key=lambda person: same_name(person.name)))

    def find(self, name: str) -> Person:
        """The person of this name. Raises `InputError` when there is none."""
        return self._found(self._read(), name).person

    def seal(self, person: Person) -> str:
        """What stays the same as long as this person may sign in with the same passphrase; empty when they may not.

        Raises `InputError` when the record is damaged.
        """
        kept = next((one for one in self._read(person.id) if one.person == person), None)
        return hashlib.sha256(kept.digest.encode()).hexdigest() if kept else ""

    def add(self, name: str, role: Role, credential: str, passphrase: str) -> Person:
        """Adds a person. Raises `InputError` when the name is taken or something is not as it has to be."""
        name, credential = _plain(name, "name", LONGEST_NAME), _plain(credential, "credential", LONGEST_CREDENTIAL)
        if not name or "," in name:
            raise InputError("Write the name of the person, without a comma; a credential goes into --credential.")
        if role is Role.CLINICIAN and not credential:
            raise InputError('A clinician needs a --credential, for example "ND": approvals name it.')
        digest = _digest(name, passphrase)
        with self._database.writing() as connection:
            kept = self._people(connection)
            if any(same_name(one.person.name) == same_name(name) for one in kept):
                raise InputError(f"Somebody is called {name} here already. Tell the two apart by another name.")
            person = Person(_new_id(name, digest, {one.person.id for one in kept}), name, role, credential)
            row = (person.id, name, same_name(name), str(role), credential, digest)
            connection.execute("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)", row)
        return person

    def remove(self, name: str) -> Person:
        """Removes a person, who cannot sign in from now on. Raises `InputError` when nobody has this name."""
        with self._database.writing() as connection:
            gone = self._found(self._people(connection), name).person
            connection.execute("DELETE FROM person WHERE id = ?", (gone.id,))
        return gone

    def change_passphrase(self, name: str, passphrase: str) -> Person:
        """Gives a person another passphrase. Raises `InputError`."""
        digest = _digest(self.find(name).name, passphrase)
        with self._database.writing() as connection:
            person = self._found(self._people(connection), name).person
            connection.execute("UPDATE person SET passphrase = ? WHERE id = ?", (digest, person.id))
        return person

    def check(self, name: str, passphrase: str) -> Person | None:
        """The person who signs in with this name and passphrase; None when one of them is wrong.

        It takes as long for a name that nobody has. (It takes 64 MB of memory meanwhile.)
        """
        kept = next((one for one in self._read() if same_name(one.person.name) == same_name(name)), None)
        secret = _bytes(passphrase)
        possible = kept is not None and secret is not None
        try:
            _hasher.verify(kept.digest if kept and possible else nobody(), secret or b"")
        except VerifyMismatchError:
            return None
        if kept is None or secret is None:
            return None
        if _hasher.check_needs_rehash(kept.digest):
            self._strengthen(kept, _hasher.hash(secret))
        return kept.person

    def _strengthen(self, weak: _Kept, digest: str) -> None:
        """Keeps a digest of today's strength. When it cannot be written, the person may sign in all the same."""
        change = "UPDATE person SET passphrase = ? WHERE id = ? AND passphrase = ?"  # as long as it is that very one
        with suppress(InputError), self._database.writing() as connection:
            connection.execute(change, (digest, weak.person.id, weak.digest))

    def _read(self, id_: str | None = None) -> list[_Kept]:
        with self._database.reading() as connection:
            return [] if connection is None else self._people(connection, id_)

    def _people(self, connection: Connection, id_: str | None = None) -> list[_Kept]:
        try:
            return [_kept(*row) for row in connection.execute(f"{_ALL} WHERE ? IS NULL OR id = ?", (id_, id_))]
        except ValueError as error:
            raise self._damaged() from error

    def _damaged(self) -> InputError:
        message = (
            f"What {self._database.path} holds of people is damaged, so nobody can sign in. Restore a backup (python "
            "generate.py restore --help)."
        )
        return InputError(message)

    def _found(self, kept: list[_Kept], name: str) -> _Kept:
        for one in kept:
            if same_name(one.person.name) == same_name(name):
                return one
        raise InputError("Nobody has this name here. 'python generate.py serve --list-people' shows who may sign in.")


def _kept(id_: str, name: str, role: str, credential: str, passphrase: str) -> _Kept:
    """Somebody as a row has them. Raises `ValueError` for what was never written so."""
    try:
        extract_parameters(passphrase)
    except InvalidHashError as error:
        raise ValueError("not as argon2 writes it") from error
    return _Kept(Person(id_, name, Role(role), credential), passphrase)


def _plain(text: str, what: str, most: int) -> str:
    """A name as it is kept: composed letters, single blanks. Raises `InputError`."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    if len(plain) > most or not plain.isprintable():
        raise InputError(f"The {what} may have at most {most} letters, and none that cannot be seen.")
    return plain


def _new_id(name: str, digest: str, taken: set[str]) -> str:
    """A short name for the person: ada-example-3f2a. Its last digits follow from chance, by way of the digest."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:20].strip("-") or "person"
    digits = hashlib.sha256(digest.encode()).hexdigest()
    return next(one for size in range(4, len(digits)) if (one := f"{slug}-{digits[:size]}") not in taken)


def _digest(name: str, passphrase: str) -> str:
    """The argon2id digest of a passphrase. Raises `InputError` when it is too easy to guess."""
    secret = _bytes(passphrase)
    if secret is None:
        raise InputError(
            f"The passphrase is too long, or cannot be written as UTF-8. Take at most {MOST_LETTERS} letters."
        )
    plain = same_name(passphrase).replace(" ", "")
    if len(unicodedata.normalize("NFC", passphrase)) < LEAST_LETTERS:
        raise InputError(f"The passphrase is too short. Take at least {LEAST_LETTERS} letters: some words will do.")
    if plain == same_name(name).replace(" ", ""):
        raise InputError("The passphrase is the person's name. Take another one: some words will do.")
    if len(set(plain)) < 2:
        raise InputError("The passphrase is one letter again and again. Take another one: some words will do.")
    return _hasher.hash(secret)


def _bytes(passphrase: str) -> bytes | None:
    """A passphrase as it is hashed, however its accents were typed; None when it can be nobody's."""
    plain = unicodedata.normalize("NFC", passphrase)
    try:
        return plain.encode() if len(plain) <= MOST_LETTERS else None
    except UnicodeEncodeError:
        return None


def nobody() -> str:
    """The digest that stands in for a name that nobody has: of today's strength, and of no known passphrase."""
    effort = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    salt, end = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (_hasher.salt_len, _hasher.hash_len))
    return f"$argon2id$v=19${effort}${salt}${end}"
