"""Somebody else's form at the front desk: a slip of ours before it, and plain words about what it is and lacks."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from clinicpress.desk.worker import Work
from tests import foreign
from tests.instruments import codes, extract, verapdf
from tests.instruments.desk import FrontDesk, Visitor, front_desk
from tests.lint.shelf import Shelf, forked, stock
from tests.test_desk_prepare import GOOD

FILL = foreign.fill_of(foreign.FILL)
BY = ("approve", "sports", "--kind", "fixed", "--by", "Max Example, office manager", "--role", "manager")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """A school's form that is tagged and approved, with a slip; and one of a state that is neither, without."""
    made = stock(tmp_path_factory.mktemp("fixed") / "shelf")
    foreign.put(made.folder / "sports", foreign.form(), fill=FILL, cover="true")
    foreign.put(made.folder / "scan", foreign.form(tagged=False), fill=FILL)
    assert forked(*BY, *made.options).returncode == 0
    return made


@pytest.fixture(scope="module")
def desk(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDesk]:
    folder = tmp_path_factory.mktemp("desk")
    with front_desk(folder, *shelf.options, quick=True) as one:
        yield one


@pytest.fixture(scope="module")
def rosa(desk: FrontDesk) -> Visitor:
    return desk.visitor().sign_in("Rosa Desk")


def looked_at(rosa: Visitor, topic: str) -> tuple[str, bytes]:
    """The words of the page of a packet, and the file that goes to the printer."""
    asked = {**GOOD, "encounter.procedure": topic, "encounter.date": "2026-12-01"}
    answer = rosa.post("/prepare", asked)
    assert answer.status == 303, answer.text
    page = html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", "", rosa.get(answer.place).text)))
    return page, rosa.get(f"{answer.place}/print.pdf").body


def test_a_slip_with_code_title_and_patient_comes_before_the_form(rosa: Visitor, tmp_path: Path) -> None:
    page, print_file = looked_at(rosa, "sports")
    file = tmp_path / "print.pdf"
    file.write_bytes(print_file)
    slip, back, form = extract.poppler_pages(file)[:3]
    assert "Sports form of the state" in slip
    assert "Zoë Example" in slip
    assert "Apr 9, 1961" in slip
    assert "DRAFT" not in slip
    assert not back.strip()
    assert "State form, page 1" in form
    assert "Zoë Example" in form
    assert all(re.fullmatch(r"ST-7 [0-9A-F]{8} EN 1/1", one.text) for one in codes.read_codes(file, 1))
    assert codes.read_codes(file, 1)
    assert codes.read_codes(file, 3) == []
    assert "A form of another office is among these pages." in page
    assert "A screen reader cannot follow it." not in page
    assert "So it is not PDF/UA-1 and PDF/A-3a." in page


def test_a_form_that_nobody_approved_has_a_slip_that_says_draft(rosa: Visitor, tmp_path: Path) -> None:
    page, print_file = looked_at(rosa, "scan")
    file = tmp_path / "print.pdf"
    file.write_bytes(print_file)
    assert "DRAFT: not approved" in extract.poppler_pages(file)[0]
    assert "DRAFT" not in extract.poppler_pages(file)[2]
    assert "The form of another office is not approved. The page before it says so" in page
    assert "A screen reader cannot follow it. Offer to read it aloud." in page


def test_a_packet_is_not_outdated_and_can_be_changed(rosa: Visitor) -> None:
    answer = rosa.post("/prepare", {**GOOD, "encounter.procedure": "sports", "encounter.date": "2026-12-01"})
    assert "are not printed any more" not in rosa.get(answer.place).text
    assert rosa.get(answer.place.replace("packets", "prepare")).status == 200
    blank = rosa.post("/packets", {"document": "sports/fixed/en"})
    assert blank.status == 303
    assert rosa.get(blank.place.replace("packets", "prepare")).status == 200


def test_whoever_approves_sees_its_pages_and_findings(desk: FrontDesk) -> None:
    ada = desk.visitor().sign_in("Ada Example")
    for topic, said in (("sports", "Official form"), ("scan", "The file has no tags")):
        page = ada.get(f"/editor/{topic}/fixed/en")
        assert page.status == 200
        assert said in page.text
        (picture, *_) = re.findall(r'src="(/editor/[^"]+\.png)"', page.text)
        assert ada.get(picture).body.startswith(b"\x89PNG")


def test_a_kind_of_the_clinics_own_is_called_in_english_where_it_has_no_other_words(tmp_path: Path) -> None:
    shelf = stock(tmp_path / "shelf")
    (shelf.folder / "kinds").mkdir()
    (shelf.folder / "kinds" / "abn.toml").write_text('extends = "fixed"\ncalled = "Notice"\n', encoding="utf-8")
    told = Work(str(shelf.folder), str(shelf.clinic), None).shelf("2026-12-01")
    assert set(told["clinic"]["kinds"]["abn"].values()) == {"Notice"}
    assert told["clinic"]["kinds"]["fixed"]["es"] == "Formulario oficial"


def test_the_slip_keeps_both_standards_in_each_language(shelf: Shelf, tmp_path: Path) -> None:
    foreign.put(shelf.folder / "sports", foreign.form(), name="fixed.es.toml", cover="true", expires="2027-06-30")
    text = shelf.clinic.read_text(encoding="utf-8")
    shelf.clinic.write_text(f'{text}\n[procedures]\nSports = ["sports/fixed"]\n', encoding="utf-8")
    rows = "".join(
        f"000000{n},Zoë {n},2011-04-09,2026-12-01 09:30,Sports,{tag}\n" for n, tag in enumerate(("en", "es"))
    )
    (tmp_path / "list.csv").write_text(f"mrn,name,birth_date,appointment,procedure,language\n{rows}", encoding="utf-8")
    out = tmp_path / "out"
    ran = forked("batch", str(tmp_path / "list.csv"), "--out", str(out), "--flatten", *shelf.options)
    assert ran.returncode == 0, ran.stderr
    listed = [json.loads(line) for line in (out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    slips = [out / one["file"] for one in listed if one["kind"] == "cover"]
    assert len(slips) == 2
    assert verapdf.validate(slips) == {one: [] for one in slips}
    assert "Se usa hasta el 30 de junio de 2027." in " ".join(extract.poppler_pages(slips[1])[0].split())
    with pikepdf.open(slips[0]) as made:
        assert str(made.docinfo.Title) == "Sports form of the state"
