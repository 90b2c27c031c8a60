"""Remembers who was on the roster before, without keeping anything about them: numbers stand for persons and visits."""

from array import array
from bisect import bisect_left
from hashlib import blake2b

SHELVES = 1_024  # so that putting a number in its place moves a few kilobytes at most


class Seen:
    """Numbers of 64 bits in order, each with the row where it was first seen and a number of 32 bits.

    A million of them take 16 MB; of a million rows two are taken for each other once in 40 million rosters.
    """

    def __init__(self) -> None:
        self._numbers = [array("Q") for _ in range(SHELVES)]
        self._rows = [array("L" if array("L").itemsize == 4 else "I") for _ in range(SHELVES)]
        self._notes = [array("I") for _ in range(SHELVES)]

    def first(self, number: int) -> tuple[int, int] | None:
        """Where a number was first seen, and its note; None when it is new."""
        shelf = number % SHELVES
        place = bisect_left(self._numbers[shelf], number)
        if place < len(self._numbers[shelf]) and self._numbers[shelf][place] == number:
            return self._rows[shelf][place], self._notes[shelf][place]
        return None

    def keep(self, number: int, row: int, note: int = 0) -> None:
        """Remembers a number that is new."""
        shelf = number % SHELVES
        place = bisect_left(self._numbers[shelf], number)
        self._numbers[shelf].insert(place, number)
        self._rows[shelf].insert(place, row)
        self._notes[shelf].insert(place, note)


class Twins:
    """Finds rows that speak of the same record number: one visit told twice, or two persons under one number."""

    def __init__(self, key: bytes) -> None:
        self._key = key[:64]
        self._people, self._visits = Seen(), Seen()

    def _number(self, *parts: str) -> int:
        return int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=8, key=self._key).digest(), "big")

    def earlier(self, row: int, mrn: str, person: str, visit: str) -> tuple[str, int] | None:
        """Whether a row repeats an earlier one: ("person" or "visit", that row); else it is remembered.

        `person` are name and birth date, `visit` are day and procedure, as they are compared.
        """
        number, note = self._number(mrn), self._number(person) & 0xFFFFFFFF
        known = self._people.first(number)
        if known is not None and known[1] != note:
            return "person", known[0]
        of_visit = self._number(mrn, visit)
        if (before := self._visits.first(of_visit)) is not None:
            return "visit", before[0]
        if known is None:
            self._people.keep(number, row, note)
        self._visits.keep(of_visit, row)
        return None
