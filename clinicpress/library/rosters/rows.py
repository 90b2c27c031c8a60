"""The rows of a roster become visits, or refusals that say which cell is why; who was on it before is remembered."""

import unicodedata
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import blake2b
from types import MappingProxyType

from clinicpress.errors import Problem, Rule
from clinicpress.letters import folded
from clinicpress.library.rosters import cells
from clinicpress.library.rosters.layout import FIELDS, CellContent, Columns, RosterLine
from clinicpress.library.rules import BAD_CELL, BAD_ROW, LISTED_TWICE
from clinicpress.visits import Refusal, Visit, impossible, text_fault
from clinicpress.words import SPOKEN_LANGUAGES, language_tag, languages_named

SHELVES = 1_024  # so that putting a number in its place moves a few kilobytes at most


def _language_fault(text: str) -> cells.Fault | None:
    """Why a cell does not say in which language somebody reads. One language that has no text is no fault."""
    named, denied = languages_named(text)
    remedy = "Ask the patient, and write the one language in which they read."
    if denied:
        return "the cell says which language the patient does not speak.", remedy
    return ("the cell names more than one language.", remedy) if len(named) > 1 else None


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


PLAIN_COLUMNS = ("mrn", "name", "procedure", "site", "side", "credential")
_COLUMNS = {fact: ours for ours, fact in FIELDS.items() if fact}
_OTHERS = {"name": "given", "date": "appointment", "time": "appointment", "credential": "clinician"}
"""Columns that may hold the same fact in part, where the first is not there."""


class Rows:
    """Makes visits of rows, and remembers what rows before have said."""

    def __init__(
        self, file: str, columns: Columns, orders: cells.Orders, today: date, key: bytes, *, text: bool, json: bool
    ) -> None:
        self.file, self.columns, self.orders, self.today, self.text, self.json = (
            file,
            columns,
            orders,
            today,
            text,
            json,
        )
        self.numbers = self.strange_days = 0
        self.nearest: Counter[str] = Counter()
        self._twins = Twins(key)
        self._places = tuple(columns.places.items())
        self._headers = {ours: columns.header[place].strip() or ours for ours, place in self._places}

    def read(self, line: RosterLine) -> Visit | Refusal:
        """The visit that a row tells of, or why it is none."""
        if line.fault is not None:
            return self._refusal(line, [(BAD_ROW, "", line.fault)])
        given: dict[str, str] = {}
        faults: list[tuple[Rule, str, cells.Fault]] = []
        for ours, place in self._places:
            text = line.cells[place].strip()
            text = text if text.isascii() else unicodedata.normalize("NFC", text)
            wrong_text = text_fault(text)
            fault = wrong_text[1:] if wrong_text else None
            if held := line.held.get(place):
                fault = cells.held_fault(ours, held, json=self.json)
                self.numbers += ours == "mrn" and held is CellContent.NUMBER
            elif text[:1] == "=" and self.text:
                fault = cells.held_fault(ours, CellContent.FORMULA, json=False)
            elif fault is None:
                fault = cells.no_value_fault(ours, text)
            if fault is not None:
                faults.append((BAD_CELL, ours, fault))
            given[ours] = text if fault is None else ""
        wrong = {ours for _, ours, _ in faults}
        facts = self._facts(given, faults, wrong)
        faults += self._impossible(facts)
        empty = (ours for ours in ("mrn", "birth_date", "procedure") if not given[ours] and ours not in wrong)
        faults += [(BAD_CELL, ours, ("the cell is empty.", "Fill it in.")) for ours in empty]
        if faults:
            return self._refusal(line, faults)
        return self._checked(line, facts)

    def _facts(
        self, given: Mapping[str, str], faults: list[tuple[Rule, str, cells.Fault]], wrong: set[str]
    ) -> dict[str, str]:
        """What a row says by the names of a patient file; what is wrong with it goes to the faults."""

        def bad(ours: str, fault: cells.Fault | None) -> None:
            if fault is not None and ours not in wrong:
                faults.append((BAD_CELL, ours, fault))
                self.strange_days += self.orders.declared in fault[0] if self.orders.declared else 0

        facts = {FIELDS[ours]: given[ours] for ours in PLAIN_COLUMNS if given.get(ours)}
        if name := " ".join(part for part in (given.get("given", ""), given.get("family", "")) if part):
            facts["patient.name"] = name
        if "patient.name" not in facts and not wrong & {"name", "given", "family"}:
            bad(next(one for one in ("name", "given", "family") if one in given), ("no name is given.", "Fill it in."))
        if mrn := given["mrn"]:
            bad("mrn", cells.mrn_fault(mrn))
        if text := given["birth_date"]:
            form, torn = self._form("birth_date", text)
            iso, fault = cells.day_of(text, form, torn=torn)
            bad("birth_date", fault)
            facts["patient.birth_date"] = iso
        self._appointment(given, facts, bad)
        if text := given.get("language", ""):
            bad("language", _language_fault(text))
            facts["patient.language"] = self._language(text)
        if text := given.get("clinician", ""):
            facts["clinician.name"], credential = cells.parted_name(text)
            if credential and "clinician.credential" not in facts:
                facts["clinician.credential"] = credential
        return facts

    def _language(self, text: str) -> str:
        """The nearest language that is known; how often that was another than the one that is named is counted."""
        tag = language_tag(text)
        row = SPOKEN_LANGUAGES.get(tag)
        if row is not None and folded(text) not in (tag, *row.names, *row.codes):
            self.nearest[tag] += 1
        return tag

    def _impossible(self, facts: Mapping[str, str]) -> Iterator[tuple[Rule, str, cells.Fault]]:
        """What cannot be true of the visit, each at the column that told it."""
        for one in impossible(facts, self.today):
            ours = _COLUMNS[one.fact]
            ours = ours if ours in self._headers else _OTHERS[ours]
            yield BAD_CELL, ours, (one.message, one.remedy)

    def _form(self, ours: str, text: str) -> tuple[str, bool]:
        """In which form a column writes a day, and whether its days contradict each other."""
        header = self._headers[ours]
        return self.orders.form(header, text), self.orders.torn(header, text)

    def _appointment(self, given: Mapping[str, str], facts: dict[str, str], bad: cells.Report) -> None:
        """The day and the time of the visit."""
        ours = "appointment" if "appointment" in given else "date"
        text, clock = given[ours], given.get("time", "")
        if not text:
            bad(ours, ("the cell is empty.", "Fill it in."))
            return
        form, torn = self._form(ours, text)
        day, time, fault = cells.appointment_of(text, form, torn=torn)
        bad(ours, fault)
        if fault is None:
            facts["encounter.date"] = day
        if clock:
            told, fault = cells.time_of(clock)
            if fault is None and time not in ("", told):
                fault = ("the appointment names another time.", "Write the time once.")
            bad("time", fault)
            time = told
        if time:
            facts["encounter.time"] = time

    def _checked(self, line: RosterLine, facts: dict[str, str]) -> Visit | Refusal:
        """The visit, if no row before has told of it, or of another person under its number."""
        mrn, procedure = facts["patient.mrn"], facts["encounter.procedure"]
        person = f"{folded(facts['patient.name'])}\n{facts['patient.birth_date']}"
        found = self._twins.earlier(line.row, mrn, person, f"{facts['encounter.date']}\n{folded(procedure)}")
        if found is None:
            cells_then = tuple(line.cells)
            return Visit(line.row, MappingProxyType(facts), procedure, facts.get("patient.language", ""), cells_then)
        what, earlier = found
        if what == "person":
            message = f"row {earlier} has the same number with another name or date of birth."
            fault = (message, "Find out whose number it is.")
        else:
            fault = (f"row {earlier} is the same visit: number, day and procedure.", "Delete one of the two.")
        return self._refusal(line, [(LISTED_TWICE, "mrn", fault)])

    def _refusal(self, line: RosterLine, faults: list[tuple[Rule, str, cells.Fault]]) -> Refusal:
        problems: list[Problem] = []
        for rule, ours, (message, remedy) in faults:
            where = f"{self._headers[ours]}: {message}" if ours else message[0].upper() + message[1:]
            problems.append(rule.found(self.file, line.row, where, remedy))
        return Refusal(line.row, tuple(problems), tuple(line.cells))
