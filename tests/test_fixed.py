"""Somebody else's form comes out as it is, filled only where its owner left room, or it is refused with its line."""

import hashlib
import json
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pytest

from clinicpress.documents import KINDS
from clinicpress.pdf import foreign as press
from tests import foreign, prints
from tests.instruments import extract, paint
from tests.lint.shelf import Shelf, change, forked, stock

ZOE = {"patient": {"name": "Zoë Đặng Example", "birth_date": "2011-04-09"}, "encounter": {"side": "left"}}
FACES = (prints.fonts()[0],)
FILL = {**foreign.FILL, "Side": "encounter.side"}
BY = ("approve", "sports", "--kind", "fixed", "--by", "Max Example, office manager", "--role", "manager")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = stock(tmp_path / "shelf")
    foreign.put(made.folder / "sports", foreign.form(pages=2), fill=foreign.fill_of(FILL))
    return made


@pytest.fixture
def zoe(tmp_path: Path) -> Path:
    path = tmp_path / "zoe.json"
    path.write_text(json.dumps(ZOE), encoding="utf-8")
    return path


def built(shelf: Shelf, out: Path, *more: str) -> tuple[Path, dict[str, object]]:
    ran = forked("build", "sports", "--out", str(out), "--json", *more, *shelf.options)
    assert ran.returncode == 0, ran.stderr
    (entry,) = json.loads(ran.stdout)["files"]
    return out / entry["file"], entry


# As it is -------------------------------------------------------------------------------------------------------------


def test_a_form_comes_out_byte_for_byte_and_claims_no_standard(shelf: Shelf, tmp_path: Path) -> None:
    file, entry = built(shelf, tmp_path / "out", "--profile", "large-print", "--profile", "standard", "--copy", "chart")
    data = foreign.form(pages=2)
    assert file.name == "fixed.en.pdf"
    assert file.read_bytes() == data
    assert entry["sha256"] == hashlib.sha256(data).hexdigest()
    assert (entry["standards"], entry["codes"], entry["copy"], entry["pages"]) == ([], [], "", 2)
    assert entry["fixed"] == {
        "owner": "The State",
        "edition": "03/2026",
        "expires": "",
        "sha256": hashlib.sha256(data).hexdigest(),
        "tagged": True,
    }


def test_its_own_places_are_filled_and_nothing_else_is_touched(shelf: Shelf, zoe: Path, tmp_path: Path) -> None:
    file, entry = built(shelf, tmp_path / "out", "--patient", str(zoe))
    assert [one["name"] for one in entry["fields"]] == ["patient.name", "patient.birth_date", "encounter.side"]  # type: ignore[attr-defined]
    with pikepdf.open(file) as made, pikepdf.open(BytesIO(foreign.form(pages=2))) as blank:
        values = {str(one.T): str(one.get("/V", "")) for one in made.Root.AcroForm.Fields}
        assert values == {
            "Name": "Zoë Đặng Example",
            "Born": "Apr 9, 2011",
            "Seen": "",
            "Side": "Left",
            "Sign here": "",
        }
        assert "/NeedAppearances" not in made.Root.AcroForm
        for page, before in zip(made.pages, blank.pages, strict=True):
            assert page.Contents.read_bytes() == before.Contents.read_bytes()
    ink = np.abs(paint.paint(file, viewer="pdfium")[0].astype(int) - paint.paint(_blank(tmp_path), viewer="pdfium")[0])
    assert np.count_nonzero(ink > 100) > 50  # the values can be seen, not only asked for
    assert "Zoë Đặng Example" in extract.poppler_pages(file)[0]


def _blank(folder: Path) -> Path:
    path = folder / "blank.pdf"
    path.write_bytes(foreign.form(pages=2))
    return path


def test_it_is_flat_only_when_somebody_asks_for_it(shelf: Shelf, zoe: Path, tmp_path: Path) -> None:
    file, _ = built(shelf, tmp_path / "out", "--patient", str(zoe), "--flatten")
    with pikepdf.open(file) as made:
        assert "/AcroForm" not in made.Root
        assert not list(made.pages[0].obj.get("/Annots", []))
    assert "Zoë Đặng Example" in extract.poppler_pages(file)[0]
    assert "Left" in extract.pdfium_pages(file)[0]


def test_the_same_values_give_the_same_bytes(shelf: Shelf, zoe: Path, tmp_path: Path) -> None:
    files = [built(shelf, tmp_path / name, "--patient", str(zoe))[0].read_bytes() for name in ("one", "two")]
    assert files[0] == files[1]


def test_a_value_that_its_place_cannot_hold_is_refused_without_being_repeated(shelf: Shelf, tmp_path: Path) -> None:
    ran = forked("build", "sports", "--out", str(tmp_path / "out"), "--set", f"patient.name={'W' * 90}", *shelf.options)
    assert ran.returncode == 2
    assert "patient.name: the form's place 'Name' cannot hold the value." in ran.stderr
    assert "WWWW" not in ran.stderr
    assert not (tmp_path / "out").exists()


# Places of all sorts --------------------------------------------------------------------------------------------------


def test_a_trap_that_would_fill_the_memory_is_called_damaged() -> None:
    pdf = pikepdf.open(BytesIO(foreign.form()))
    trap = pdf.make_stream(b"")
    trap.write(zlib.compress(bytes(200_000_000)), filter=pikepdf.Name.FlateDecode)
    pdf.pages[0].obj.Contents = trap
    assert press.look_at(press.saved(pdf)).dangers == ("It is damaged, or no PDF.",)
    trap.write(b"no compressed data", filter=pikepdf.Name.FlateDecode)
    assert press.look_at(press.saved(pdf)).dangers == ("It is damaged, or no PDF.",)


def test_ticks_choices_and_nested_names_are_filled_by_their_own_names() -> None:
    pdf = pikepdf.open(BytesIO(foreign.form()))
    fields = pdf.Root.AcroForm.Fields
    name, seen = fields[0], fields[2]
    parent = pdf.make_indirect(pikepdf.Dictionary(T=pikepdf.String("page1[0]"), Kids=pikepdf.Array([name])))
    name.Parent = parent
    pdf.Root.AcroForm.Fields = pikepdf.Array([parent, seen, fields[3]])
    data = press.saved(pdf)
    assert [one.name for one in press.look_at(data).places] == ["page1[0].Name", "Seen", "Side"]
    assert press.look_at(data).places[2].options == ("Left", "Right")
    with pikepdf.open(BytesIO(press.filled(data, {"Seen": "yes", "Side": "right"}, FACES))) as made:
        (_, tick, side) = made.Root.AcroForm.Fields
        assert (tick.V, tick.AS, str(side.V)) == (pikepdf.Name.On, pikepdf.Name.On, "Right")


@pytest.mark.parametrize("turned", [90, 270])
def test_letters_in_boxes_and_turned_fields_are_drawn_as_their_owner_meant(turned: int, tmp_path: Path) -> None:
    pdf = pikepdf.open(BytesIO(foreign.form()))
    name, born = pdf.Root.AcroForm.Fields[:2]
    name.MaxLen, name.Ff = 10, 1 << 24
    born.MK, born.Rect = pikepdf.Dictionary(R=turned), pikepdf.Array([400, 500, 418, 600])
    with pikepdf.open(BytesIO(press.filled(press.saved(pdf), {"Born": "Apr 9, 2011"}, FACES))) as filled:
        look = filled.Root.AcroForm.Fields[1].AP.N
        assert [round(float(one)) for one in look.Matrix] == [
            0,
            1 if turned == 90 else -1,
            -1 if turned == 90 else 1,
            0,
            0,
            0,
        ]
        assert [float(one) for one in look.BBox] == [0, 0, 100, 18]  # against the clock. Source: ISO 32000-1, table 189
    made = press.filled(press.saved(pdf), {"Name": "0012345", "Born": "Apr 9, 2011"}, FACES, flat=True)
    (tmp_path / "made.pdf").write_bytes(made)
    assert "0 0 1 2 3 4 5" in " ".join(
        extract.poppler_pages(tmp_path / "made.pdf")[0].split()
    ) or "0012345" in made_words(made)
    drawn = paint.paint(tmp_path / "made.pdf", viewer="pdfium", dpi=72, grey=False)[0]
    dark = np.argwhere(drawn[192:292, 400:418].min(axis=-1) < 128)
    assert dark.size
    assert np.ptp(dark[:, 0]) > 3 * np.ptp(dark[:, 1])  # it runs along the box, not across


def made_words(data: bytes) -> str:
    return "".join(extract.words_of(data).split())


# What is refused ------------------------------------------------------------------------------------------------------


def test_a_changed_file_stops_the_print_with_file_line_and_remedy(shelf: Shelf, tmp_path: Path) -> None:
    newer = foreign.form(pages=2, edition="04/2027")
    (shelf.folder / "sports" / "state.pdf").write_bytes(newer)
    ran = forked("build", "sports", "--out", str(tmp_path / "out"), *shelf.options)
    assert ran.returncode == 2
    assert f"{shelf.folder}/sports/fixed.en.toml:10: error X01" in ran.stderr.replace("\n", " ")
    assert f'write sha256 = "{hashlib.sha256(newer).hexdigest()}"' in ran.stderr
    assert not (tmp_path / "out").exists()


def test_a_form_past_its_date_stops_the_print_and_no_reason_lets_it_through(shelf: Shelf, tmp_path: Path) -> None:
    change(shelf.folder / "sports" / "fixed.en.toml", ("file =", "expires = 2026-05-12\nfile ="))
    ran = forked("build", "sports", "--out", str(tmp_path / "out"), *shelf.options)
    assert ran.returncode == 2
    assert "fixed.en.toml:9: error X02" in ran.stderr
    assert "Get the next edition from The State" in ran.stderr
    accepted = forked(*BY, "--despite", "X02", "--reason", "We have no other.", *shelf.options)
    assert accepted.returncode == 2
    assert "X02" in accepted.stderr
    assert not (shelf.folder / "sports" / "review.toml").exists()


def test_an_approval_holds_for_the_very_file(shelf: Shelf, tmp_path: Path) -> None:
    assert forked("build", "sports", "--release", "--out", str(tmp_path), *shelf.options).returncode == 2
    assert forked(*BY, *shelf.options).returncode == 0
    assert forked("build", "sports", "--release", "--out", str(tmp_path), *shelf.options).returncode == 0
    foreign.put(shelf.folder / "sports", foreign.form(pages=2, edition="04/2027"), fill=foreign.fill_of(FILL))
    ran = forked("build", "sports", "--release", "--out", str(tmp_path), *shelf.options)
    assert ran.returncode == 2
    assert "The text was changed after Max Example, office manager approved it" in ran.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../state.pdf", "There is no file"),
        ("/etc/passwd", "There is no file"),
        ("state\\u0000.pdf", "There is no file"),
        ("empty.pdf", "'empty.pdf' is empty."),
    ],
)
def test_the_file_lies_beside_what_describes_it_and_nowhere_else(
    shelf: Shelf, tmp_path: Path, name: str, said: str
) -> None:
    (shelf.folder / "sports" / "empty.pdf").write_bytes(b"")
    (shelf.folder / "state.pdf").write_bytes(foreign.form())
    change(shelf.folder / "sports" / "fixed.en.toml", ('"state.pdf"', f'"{name}"'))
    ran = forked("build", "sports", "--out", str(tmp_path / "out"), *shelf.options)
    assert ran.returncode == 2
    assert said in ran.stderr or "does not print" in ran.stderr


def test_a_link_out_of_the_topic_is_not_followed(shelf: Shelf, tmp_path: Path) -> None:
    file = shelf.folder / "sports" / "state.pdf"
    file.rename(tmp_path / "elsewhere.pdf")
    file.symlink_to(tmp_path / "elsewhere.pdf")
    ran = forked("check", "sports", *shelf.options)
    assert ran.returncode == 2
    assert "There is no file 'state.pdf'" in ran.stdout


# Kinds, lists, other commands -----------------------------------------------------------------------------------------


def test_a_clinic_names_kinds_of_official_forms_of_its_own(shelf: Shelf, tmp_path: Path) -> None:
    (shelf.folder / "kinds").mkdir()
    (shelf.folder / "kinds" / "abn.toml").write_text('extends = "fixed"\ncalled = "ABN"\n', encoding="utf-8")
    folder, data = shelf.folder / "sports", foreign.form(edition="ABN")
    foreign.put(folder, data, name="abn.en.toml", file="abn.pdf", kind='"abn"', form='"R-131"')
    assert forked("check", "--words", *shelf.options).returncode == 0
    ran = forked("build", "sports", "--kind", "abn", "--out", str(tmp_path / "out"), *shelf.options)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "out" / "sports" / "abn.en.pdf").read_bytes() == data


def test_it_is_listed_with_its_edition_and_its_digest(shelf: Shelf) -> None:
    entries = json.loads(forked("list", "--json", *shelf.options).stdout)
    (entry,) = (one for one in entries if one["kind"] == KINDS["fixed"])
    assert entry["fixed"]["edition"] == "03/2026"
    assert entry["fixed"]["sha256"] == hashlib.sha256(foreign.form(pages=2)).hexdigest()


@pytest.mark.parametrize(
    "arguments",
    [
        ("new", "knee", "--kind", "fixed"),
        ("import", "sample.txt", "--kind", "fixed"),
        ("build", "sports", "--bilingual", "en+es", "--out", "out"),
        ("translate", "export", "sports", "--kind", "fixed", "--to", "es", "--out", "x.xlf"),
    ],
)
def test_what_makes_no_sense_for_it_is_answered_in_words(shelf: Shelf, arguments: tuple[str, ...]) -> None:
    ran = forked(*arguments, *shelf.options)
    assert ran.returncode == 3
    assert "Traceback" not in ran.stderr
    assert any(word in ran.stderr for word in ("somebody else's form", "Somebody else's form", "its owner's PDF"))


def test_a_name_that_is_nearly_right_is_told(shelf: Shelf) -> None:
    (shelf.folder / "sports" / "fixed.en.toml").rename(shelf.folder / "sports" / "fixed.toml")
    ran = forked("check", "--words", *shelf.options)
    assert ran.returncode == 2
    assert "Name it fixed.en.toml (kind, language, toml)." in ran.stdout


# In packets and print jobs ------------------------------------------------------------------------------------------

ROSTER = "mrn,name,birth_date,appointment,procedure,language,side\n" + "".join(
    f"{number:07},Zoë Đặng {number},2011-04-0{number},2026-12-01 09:3{number},Sports,en,left\n" for number in (1, 2, 3)
)


def morning(shelf: Shelf, tmp_path: Path, *more: str, packet: str = '"ear-rinse/handout", "sports/fixed"') -> "Ran":
    text = shelf.clinic.read_text(encoding="utf-8")
    shelf.clinic.write_text(f"{text}\n[procedures]\nSports = [{packet}]\n", encoding="utf-8")
    (tmp_path / "list.csv").write_text(ROSTER, encoding="utf-8")
    out = tmp_path / "morning"
    ran = forked("batch", str(tmp_path / "list.csv"), "--out", str(out), "--merge", "print.pdf", *more, *shelf.options)
    return Ran(ran.returncode, ran.stdout, ran.stderr, out)


@dataclass(frozen=True)
class Ran:
    code: int
    said: str
    told: str
    out: Path


def test_every_patient_gets_the_form_filled_for_them_and_the_lists_say_what_it_is(shelf: Shelf, tmp_path: Path) -> None:
    ran = morning(shelf, tmp_path)
    assert ran.code == 0, ran.told
    rows = [json.loads(line) for line in (ran.out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    forms = [row for row in rows if row["kind"] == "fixed"]
    assert [row["row"] for row in forms] == [2, 3, 4]
    for number, row in enumerate(forms, 1):
        with pikepdf.open(ran.out / row["file"]) as made:
            assert str(made.Root.AcroForm.Fields[0].V) == f"Zoë Đặng {number}"
    plates = [json.loads(line) for line in (ran.out / "plates.jsonl").read_text(encoding="utf-8").splitlines()]
    (plate,) = (one for one in plates if one["kind"] == "fixed")
    assert (plate["standards"], plate["fixed"]["owner"]) == ([], "The State")
    assert forms[0]["plate"] == plate["plate"]


def test_a_print_job_holds_its_pages_as_they_are_and_says_which_standards_it_lost(shelf: Shelf, tmp_path: Path) -> None:
    ran = morning(shelf, tmp_path, "--json")
    assert json.loads(ran.said)["standards_lost"] == {str(ran.out / "print.pdf"): ["PDF/UA-1", "PDF/A-3a"]}
    assert "print.pdf holds somebody else's form as it is, so it is not PDF/UA-1 and PDF/A-3a." in ran.told
    with pikepdf.open(ran.out / "print.pdf") as job:
        said = bytes(job.Root.Metadata.read_bytes()).decode()
        assert "pdfaid" not in said.replace("xmlns:pdfaid", "")
        assert "<pdfuaid:part>" not in said
        assert job.Root.MarkInfo.Suspects
        assert not job.check_pdf_syntax()
    alone = [row for row in _rows(ran.out) if row["kind"] == "fixed"][1]
    texts = extract.poppler_pages(ran.out / "print.pdf")
    first = [number for number, text in enumerate(texts) if "State form, page 1" in text][1]
    pictures = paint.paint(ran.out / "print.pdf", "pdfium", pages=(first + 1, first + 2))
    for page, before in zip(pictures, paint.paint(ran.out / alone["file"], "pdfium"), strict=True):
        assert paint.difference(page, before) <= paint.TOLERANCE
    assert "Zoë Đặng 2" in texts[first]


def test_a_print_job_without_one_claims_both_standards_as_before(shelf: Shelf, tmp_path: Path) -> None:
    ran = morning(shelf, tmp_path, packet='"ear-rinse/handout", "ear-rinse/consent"')
    assert "holds somebody else's form" not in ran.told
    with pikepdf.open(ran.out / "print.pdf") as job:
        assert b"<pdfuaid:part>1" in bytes(job.Root.Metadata.read_bytes())


def test_a_form_of_an_odd_number_of_pages_lets_the_next_begin_on_a_sheet_of_its_own(
    shelf: Shelf, tmp_path: Path
) -> None:
    foreign.put(shelf.folder / "sports", foreign.form(pages=3), fill=foreign.fill_of(FILL))
    assert forked(*BY, *shelf.options).returncode == 0  # a draft has a slip before it
    ran = morning(shelf, tmp_path, packet='"sports/fixed"')
    with pikepdf.open(ran.out / "print.pdf") as job:
        assert len(job.pages) == 4 + 4 + 3
        assert [float(one) for one in job.pages[3].mediabox] == [0, 0, 612, 792]
        assert not job.check_pdf_syntax()


def test_a_changed_file_stops_only_the_rows_that_ask_for_it(shelf: Shelf, tmp_path: Path) -> None:
    (shelf.folder / "sports" / "state.pdf").write_bytes(foreign.form(edition="04/2027"))
    ran = morning(shelf, tmp_path)
    assert ran.code == 7
    assert "X01" in (ran.out / "refused.csv").read_text(encoding="utf-8")


def _rows(out: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
