"""What cannot be true of a visit is refused at every door: patient file, `--set`, appointment list, front desk."""

import csv
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from clinicpress import library
from clinicpress.clinics import RosterLayout
from clinicpress.desk.visits import FACTS, faults_of, untouched
from clinicpress.errors import ContentError
from clinicpress.visits import Refusal, impossible
from tests import forms

TODAY = date(2026, 11, 24)
GOOD = {
    "patient.name": "Zoë Example",
    "patient.birth_date": "1961-04-09",
    "patient.mrn": "0012345",
    "encounter.date": "2026-11-24",
    "encounter.time": "09:30",
    "encounter.procedure": "neurotherapy",
    "encounter.site": "Knee",
    "clinician.name": "Ada Example",
    "clinician.credential": "ND",
}
BORN, DAY, TIME = "patient.birth_date", "encounter.date", "encounter.time"

CASES: Mapping[str, tuple[Mapping[str, str], str]] = {  # what is told, and the fact that is refused, if one is
    "nothing odd": ({}, ""),
    "born today": ({BORN: "2026-11-24"}, ""),
    "born tomorrow": ({BORN: "2026-11-25"}, BORN),
    "born in 2999": ({BORN: "2999-01-01"}, BORN),
    "130 years old": ({BORN: "1896-01-01"}, ""),
    "131 years old": ({BORN: "1895-12-31"}, BORN),
    "born in year 1": ({BORN: "0001-01-01"}, BORN),
    "no such birthday": ({BORN: "1961-02-29"}, BORN),
    "day and month in two orders": ({BORN: "04/09/1961"}, BORN),
    "a day without strokes": ({BORN: "19610409"}, BORN),
    "a day of a week": ({BORN: "1961-W14-7"}, BORN),
    "a day of other digits": ({BORN: "١٩٦١-٠٤-٠٩"}, BORN),
    "a year of two digits": ({BORN: "61-04-09"}, BORN),
    "a visit next year": ({DAY: "2027-11-24"}, ""),
    "a visit long ago": ({DAY: "2017-11-24"}, ""),
    "a visit in 2206": ({DAY: "2206-11-24"}, DAY),
    "a visit in 1926": ({DAY: "1926-11-24", BORN: "1900-01-01"}, DAY),
    "a visit on the last day": ({DAY: "2036-12-01"}, ""),
    "a visit after the last day": ({DAY: "2036-12-02"}, DAY),
    "a visit on no day": ({DAY: "2026-11-31"}, DAY),
    "a visit before birth": ({DAY: "2026-11-01", BORN: "2026-11-02"}, DAY),
    "a visit on the day of birth": ({DAY: "2026-11-02", BORN: "2026-11-02"}, ""),
    "midnight": ({TIME: "00:00"}, ""),
    "25 o'clock": ({TIME: "25:00"}, TIME),
    "61 minutes": ({TIME: "09:61"}, TIME),
    "an hour of one digit": ({TIME: "9:30"}, TIME),
    "a time of other digits": ({TIME: "٠٩:٣٠"}, TIME),
    "a time in words": ({TIME: "noon"}, TIME),
    "letters with marks": ({"patient.name": "Zoe\u0301 Łukasz Nguyễn"}, ""),
    "letters that turn others": ({"patient.name": "evil\u202elive"}, "patient.name"),
    "letters apart from others": ({"clinician.name": "Ada \u2066Example"}, "clinician.name"),
    "a blank of no width": ({"patient.mrn": "00\u200b12"}, "patient.mrn"),
    "a mark of direction": ({"encounter.site": "Knee\u200f"}, "encounter.site"),
    "a joiner that joins nothing": ({"patient.name": "Ada\u200d Example"}, "patient.name"),
    "a soft hyphen": ({"clinician.credential": "N\u00adD"}, "clinician.credential"),
    "a bell": ({"patient.mrn": "00\a12"}, "patient.mrn"),
    "two lines": ({"encounter.site": "Knee\nElbow"}, "encounter.site"),
    "a line end of Unicode": ({"patient.name": "Zoë\u2028Example"}, "patient.name"),
    "a letter that was lost": ({"patient.name": "Zo\ufffd"}, "patient.name"),
    "a letter of nobody": ({"patient.name": "Zo\ue000"}, "patient.name"),
    "a name without an end": ({"patient.name": "Zoë " * 600 + "E"}, "patient.name"),
    "a date with a letter that turns": ({BORN: "1961-04-09\u202e."}, BORN),
}


def told_in_file(facts: Mapping[str, str], folder: Path) -> set[str]:
    path = folder / "patient.json"
    path.write_text(json.dumps(facts))
    return _printed(path, [])


def told_by_set(facts: Mapping[str, str], folder: Path) -> set[str]:
    return _printed(None, [f"{name}={value}" for name, value in facts.items()])


def _printed(path: Path | None, settings: list[str]) -> set[str]:
    order = forms.order()
    assert order.document.kind.is_form
    try:
        library.read_encounter(path, settings, order.document, order.fonts[0], TODAY)
    except ContentError as error:
        return {one.message.partition(": ")[0] for one in error.problems}
    return set()


def told_in_list(facts: Mapping[str, str], folder: Path) -> set[str]:
    path = folder / "roster.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([facts.keys(), facts.values()])
    (row,) = library.read_roster(path, RosterLayout(), TODAY)
    return {one.message.partition(": ")[0] for one in row.problems} if isinstance(row, Refusal) else set()


def told_at_the_desk(facts: Mapping[str, str], folder: Path) -> set[str]:
    typed = untouched(TODAY, "letter") | dict(facts)
    return {one.about for one in faults_of(typed, ["neurotherapy"], [], TODAY)}


DOORS = (told_in_file, told_by_set, told_in_list, told_at_the_desk)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", CASES)
def test_every_door_says_the_same_of_the_same_facts(
    door: Callable[[Mapping[str, str], Path], set[str]], case: str, tmp_path: Path
) -> None:
    told, wrong = CASES[case]
    assert door(GOOD | told, tmp_path) == ({wrong} if wrong else set())


def test_all_that_is_impossible_is_told_at_once_and_never_repeated(tmp_path: Path) -> None:
    told = {
        BORN: "2999-01-01",
        DAY: "2206-11-24",
        TIME: "25:99",
        "patient.name": "Zelda\u202e",
        "patient.mrn": "Qu\aux",
    }
    for door in DOORS:
        assert door(GOOD | told, tmp_path) == told.keys()
    for one in impossible(told, TODAY):
        assert not any(value in one.message + one.remedy for value in ("2999", "2206", "25:99", "Zelda", "Q"))
        assert one.message.endswith(".")
        assert one.remedy.endswith(".")


def test_a_part_of_a_name_is_refused_in_its_own_column(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    rows = [
        ["mrn", "given", "family", "dob", "appointment", "procedure"],
        ["1", "Ada", "Example", "1961-04-09", "2206-11-24 09:30", "neurotherapy"],
        ["2", "A" * 1500, "B" * 1500, "1961-04-09", "2026-11-24", "neurotherapy"],
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    refused = [one for one in library.read_roster(path, RosterLayout(), TODAY) if isinstance(one, Refusal)]
    assert [one.problems[0].message for one in refused] == [
        "appointment: the day is more than ten years away.",
        "given: the text has more than 2,000 characters.",
    ]


def test_joiners_stand_where_a_script_joins() -> None:
    assert list(impossible({"patient.name": "می\u200cخواهم क्\u200dष"}, TODAY)) == []
    assert [one.why for one in impossible({"patient.name": "\u200d"}, TODAY)] == ["letters"]


def test_the_desk_asks_for_every_fact_of_a_visit() -> None:
    assert untouched(TODAY, "letter").keys() >= set(FACTS)
