"""A form is rendered once and filled thousands of times; each copy is as good as one rendered for its patient."""

import hashlib
import os
import shutil
import subprocess
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import distributions, version
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicpress import fingerprint
from clinicpress.cache import Cache
from clinicpress.errors import NoRoomError
from clinicpress.library.fonts import faces_for
from clinicpress.orders import Order, Rendition
from clinicpress.pdf import syntax, value_fonts
from clinicpress.pdf.plate import OffPlateError, Plate, font_objects
from clinicpress.pdf.shaping import outline
from clinicpress.press.plates import Plates
from clinicpress.press.press import complete, cut
from clinicpress.visits import Encounter
from tests import blocked, forms
from tests.instruments import codes, extract, paint, tagtree, verapdf
from tests.instruments.desk import CACHE_KEY

ROOT = Path(__file__).resolve().parents[1]
USUAL = {
    "patient.name": "Zoë (Example) \\ Tester",
    "patient.birth_date": "Apr 9, 1961",
    "patient.mrn": "0012345",
    "encounter.side": "Left",
    "encounter.site": "Knee",
    "clinician.name": "Ada Example, ND",
}
CASES: Mapping[str, Mapping[str, str]] = {
    "usual": USUAL,
    "sixty characters": USUAL | {"patient.name": "Maximiliane-Konstanze Example von und zu Tester-Sample-Jones"},
    "further letters": USUAL | {"patient.name": "Đặng Thị Ngọc Ánh Łukasiewicz"},
    "another script": USUAL | {"patient.name": "प्रिया उदाहरण"},
    "every kind": forms.OWN_VALUES,
}
RENDITIONS = list(Rendition)


@cache
def ordered(name: str, rendition: Rendition) -> Order:
    values = CASES[name]
    order = forms.order(own=name == "every kind")
    faces = faces_for(values.values(), order.fonts[0], "")
    return replace(order, rendition=rendition, encounter=Encounter(values, "test", faces))


@cache
def plate_of(name: str, rendition: Rendition) -> Plate:
    return cut(forms.layout(own=name == "every kind"), ordered(name, rendition))


def filled(plate: Plate, order: Order) -> bytes:
    return plate.prefix + plate.tail(order.encounter.values, (order.fonts[0], *order.encounter.faces))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, Rendition, str], Path]:
    """Each case filled on its plate, and rendered in full."""
    folder = tmp_path_factory.mktemp("plates")
    made = {}
    for name in CASES:
        for rendition in RENDITIONS:
            order = ordered(name, rendition)
            full = complete(forms.layout(own=name == "every kind"), order).pdf
            for how, data in (("plate", filled(plate_of(name, rendition), order)), ("full", full)):
                made[name, rendition, how] = folder / f"{name}-{rendition}-{how}.pdf"
                made[name, rendition, how].write_bytes(data)
    return made


each_case = pytest.mark.parametrize(
    ("name", "rendition"), [(name, rendition) for name in CASES for rendition in RENDITIONS]
)


def test_every_filled_plate_keeps_both_standards(files: Mapping[tuple[str, Rendition, str], Path]) -> None:
    judged = ("further letters", "every kind")  # a validator takes its time; the others are judged in `make soak`
    found = verapdf.validate([path for (name, _, how), path in files.items() if how == "plate" and name in judged])
    assert len(found) == len(judged) * 2
    assert {path.name: faults for path, faults in found.items() if faults} == {}


@pytest.mark.soak
def test_every_case_keeps_both_standards(files: Mapping[tuple[str, Rendition, str], Path]) -> None:
    found = verapdf.validate([path for (_, _, how), path in files.items() if how == "plate"])
    assert len(found) == len(CASES) * 2
    assert {path.name: faults for path, faults in found.items() if faults} == {}


@each_case
def test_a_filled_plate_is_one_whole_revision(
    name: str, rendition: Rendition, files: Mapping[tuple[str, Rendition, str], Path]
) -> None:
    path = files[name, rendition, "plate"]
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert (done.returncode, "No syntax or stream encoding errors" in done.stdout) == (0, True), done.stdout
    data = path.read_bytes()
    assert (data.count(b"startxref"), data.count(b"%%EOF"), data.count(b"/Prev")) == (1, 1, 0)


@each_case
def test_a_filled_plate_looks_like_a_full_rendering_to_the_pixel(
    name: str, rendition: Rendition, files: Mapping[tuple[str, Rendition, str], Path]
) -> None:
    ours, full = (paint.paint(files[name, rendition, how], "poppler", 100) for how in ("plate", "full"))
    assert len(ours) == len(full) > 1
    for mine, theirs in zip(ours, full, strict=True):
        assert np.array_equal(mine, theirs)


@each_case
def test_a_filled_plate_reads_like_a_full_rendering(
    name: str, rendition: Rendition, files: Mapping[tuple[str, Rendition, str], Path]
) -> None:
    ours, full = (files[name, rendition, how] for how in ("plate", "full"))
    assert extract.poppler_pages(ours) == extract.poppler_pages(full)


@pytest.mark.parametrize(
    ("name", "rendition"),
    [
        pytest.param(name, rendition, marks=() if name in ("every kind", "another script") else pytest.mark.soak)
        for name in CASES
        for rendition in RENDITIONS
    ],
)
def test_a_filled_plate_is_heard_like_a_full_rendering(
    name: str, rendition: Rendition, files: Mapping[tuple[str, Rendition, str], Path]
) -> None:
    ours, full = (files[name, rendition, how] for how in ("plate", "full"))
    assert tagtree.outline(tagtree.pdfjs_tree(ours)) == tagtree.outline(tagtree.pdfjs_tree(full))


@pytest.mark.parametrize("name", CASES)
def test_every_value_stands_in_its_field(name: str, files: Mapping[tuple[str, Rendition, str], Path]) -> None:
    with pikepdf.open(files[name, Rendition.FILLABLE, "plate"]) as pdf:
        found = {field: str(widget.V) for field, widget in forms.widgets(pdf) if "/V" in widget and widget.FT != "/Btn"}
        shared = {
            field: str(widget.Parent.V)
            for field, widget in forms.widgets(pdf)
            if "/Parent" in widget and "/V" in widget.Parent
        }
    for field, value in CASES[name].items():
        if field not in ("encounter.side", "attestation.decision", "contact.at_work"):
            assert {**shared, **found}[field] == value


def test_the_codes_of_a_filled_plate_decode(files: Mapping[tuple[str, Rendition, str], Path]) -> None:
    for rendition in RENDITIONS:
        read = codes.read_codes(files["usual", rendition, "plate"], 2)
        assert [code.text.endswith("2/4") for code in read] == [True, True]


def test_the_digest_is_that_of_the_file() -> None:
    order, plate = ordered("usual", Rendition.PAPER), plate_of("usual", Rendition.PAPER)
    tail = plate.tail(order.encounter.values, (order.fonts[0],))
    assert plate.digest(tail) == hashlib.sha256(plate.prefix + tail).hexdigest()


def test_a_plate_comes_back_from_disk_as_it_was() -> None:
    for rendition in RENDITIONS:
        plate = plate_of("every kind", rendition)
        assert Plate.from_bytes(plate.to_bytes()) == plate


def test_no_value_of_a_patient_is_in_a_plate() -> None:
    canary = {name: f"Canary{number}" for number, name in enumerate(USUAL) if name != "encounter.side"}
    for rendition in RENDITIONS:
        order = replace(forms.order(), rendition=rendition, encounter=Encounter({**canary, "encounter.side": "Left"}))
        data = cut(forms.layout(), order).to_bytes()
        assert b"Canary" not in b"".join([data, *inflated(data)])


def inflated(data: bytes) -> Iterator[bytes]:
    """What the compressed streams of a file hold."""
    start = data.find(b"stream\n")
    while start >= 0:
        unpack = zlib.decompressobj()
        try:
            yield unpack.decompress(data[start + 7 :])
        except zlib.error:
            yield b""
        start = data.find(b"stream\n", start + 7)


def test_the_search_for_canaries_sees_into_streams() -> None:
    order = replace(forms.order(), encounter=Encounter({"patient.name": "Canary"}))
    data = complete(forms.layout(), order).pdf
    assert b"Canary" not in data
    assert any(b"Canary" in one or b"43616E617279" in one for one in inflated(data))


def at_hand(kept: Cache) -> Plates:
    """Plates of a press that has set the pages of the form before; nothing is cut yet."""
    plates = Plates(kept)
    plates._layouts[forms.order().pages_of] = forms.layout()
    return plates


def test_what_a_plate_cannot_set_is_rendered_for_the_patient_and_told_why(tmp_path: Path) -> None:
    reason = " ".join(f"Sentence {number} tells why." for number in range(45))
    wide = {**USUAL, "encounter.reason": reason}
    both = {**USUAL, "patient.name": "Dana כהן"}
    plates = at_hand(Cache(tmp_path / "cache", CACHE_KEY))
    for values, rendition, told in (
        (wide, Rendition.PAPER, {"encounter.reason": "no room in its box"}),
        (both, Rendition.PAPER, {"patient.name": "letters run both ways"}),
        (both, Rendition.FILLABLE, {}),
    ):
        faces = faces_for(values.values(), forms.order().fonts[0], "")
        order = replace(forms.order(), rendition=rendition, encounter=Encounter(values, "test", faces))
        made = plates.fill(order)
        assert dict(made.rendered_anew) == told
        path = tmp_path / "made.pdf"
        path.write_bytes(made.pdf)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == made.digest
        if values is wide:
            assert extract.missing_paragraphs([reason], extract.poppler_pages(path)) == []


def test_a_plate_says_what_it_cannot_set() -> None:
    paper = plate_of("usual", Rendition.PAPER)
    own = forms.order().fonts[0]
    both = {**USUAL, "patient.name": "Dana כהן"}
    with pytest.raises(OffPlateError, match=r"patient\.name"):
        paper.tail(both, (own, *faces_for(both.values(), own, "")))
    with pytest.raises(NoRoomError, match=r"patient\.mrn"):
        paper.tail({**USUAL, "patient.mrn": "0" * 300}, (own,))


def test_letters_that_another_patient_had_are_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    plate, own, drawn = plate_of("usual", Rendition.PAPER), forms.order().fonts[0], list[str]()
    one, other = ({**USUAL, "patient.name": name} for name in ("Đặng Thị Ánh", "Đặng Thị Thơ"))
    value_fonts._drawing.cache_clear()
    fresh = plate.tail(other, (own,))
    value_fonts._drawing.cache_clear()
    font_objects.cache_clear()
    plate.tail(one, (own,))
    monkeypatch.setattr(value_fonts, "outline", lambda *told: drawn.append(told[0].text) or outline(*told))
    assert plate.tail(other, (own,)) == fresh
    assert drawn == ["ơ"]


def test_a_plate_is_cut_once_and_then_taken_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = ordered("usual", Rendition.FILLABLE)
    first = Plates(Cache(tmp_path, CACHE_KEY)).fill(order)
    monkeypatch.setattr("clinicpress.press.plates.cut", lambda *_: pytest.fail("it was cut again"))
    monkeypatch.setattr("clinicpress.press.press.render", lambda *_: pytest.fail("it was rendered again"))
    again = Plates(Cache(tmp_path, CACHE_KEY)).fill(order)
    assert (again.parts, again.plate) == (first.parts, first.plate)


def test_each_kind_of_file_that_makes_a_plate_tells_programs_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed style, catalogue or table changes documents as a changed module does."""
    copies = [str(shutil.copytree(folder, tmp_path / Path(folder).name)) for folder in fingerprint.SOURCES]
    monkeypatch.setattr(fingerprint, "SOURCES", copies)
    seen = [fingerprint.program.__wrapped__()]
    for name in (
        *("clinicpress/marks.py", "clinicpress/library/jurisdictions/uk.toml"),
        *("clinicpress/languages/imports/en.toml", "templates/page.css"),
        *("templates/locales/es/LC_MESSAGES/clinicpress.po", "fonts/faces.toml"),
    ):
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-1] + b" ")
        seen.append(fingerprint.program.__wrapped__())
    monkeypatch.setattr(fingerprint, "packages", tuple)
    seen.append(fingerprint.program.__wrapped__())
    assert len(set(seen)) == len(seen) == 8
    (tmp_path / "clinicpress" / "__pycache__").mkdir(exist_ok=True)
    (tmp_path / "clinicpress" / "__pycache__" / "other.pyc").write_bytes(b"Python's own")
    assert fingerprint.program.__wrapped__() == seen[-1]


def test_every_package_of_a_plate_is_known_by_its_version() -> None:
    here = {name.lower() for one in distributions() if (name := one.metadata["Name"])}
    pinned = [name for name in fingerprint.packages() if name in here]
    assert {"weasyprint", "pikepdf", "jinja2", "markdown-it-py", "pypdfium2"} <= set(pinned)
    assert all(fingerprint.versions_of([name]) == [f"{name} {version(name)}"] for name in pinned)


def test_another_mark_or_another_known_fact_is_another_plate(tmp_path: Path) -> None:
    plates = at_hand(Cache(tmp_path, CACHE_KEY))
    addresses = {
        plates.of(replace(forms.order(), rendition=rendition, encounter=Encounter(values))).address
        for rendition in RENDITIONS
        for values in (USUAL, {**USUAL, "encounter.side": "Right"}, {**USUAL, "encounter.reason": "Pain"})
    }
    assert len(addresses) == 6
    other = {**USUAL, "patient.name": "Somebody Else"}
    assert plates.of(replace(forms.order(), rendition=Rendition.PAPER, encounter=Encounter(other))).address in addresses


@settings(max_examples=200)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"])))
def test_a_text_string_says_what_was_written(text: str) -> None:
    with pikepdf.new() as pdf:
        pdf.Root.Said = pikepdf.Object.parse(syntax.text_string(text))
        assert str(pdf.Root.Said) == text


@settings(max_examples=50)
@given(st.binary(max_size=2000), st.binary(max_size=2000))
def test_a_segment_that_was_closed_unpacks_whole(first: bytes, rest: bytes) -> None:
    segment, checksum = syntax.opening_segment(first)
    assert zlib.decompress(syntax.closed(segment, checksum, rest)) == first + rest


@dataclass(frozen=True)
class Elsewhere:
    """Another process, which makes a document with what lies in a cache."""

    folder: Path

    def run(self, missing: str = "") -> subprocess.CompletedProcess[str]:
        """Tells the digest of the document, and whether WeasyPrint was loaded for it."""
        script = (
            "from pathlib import Path\n"
            "from clinicpress.cache import Cache; from clinicpress.press.plates import Plates\n"
            "from tests import test_plates as t; from clinicpress.orders import Rendition as R\n"
            "made = Plates(Cache(Path(sys.argv[1]), t.CACHE_KEY)).fill(t.ordered('usual', R.FILLABLE))\n"
            "print(made.digest, 'weasyprint' in sys.modules)\n"
        )
        command = [*blocked.without(missing, script), str(self.folder)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.soak
def test_another_process_makes_the_same_bytes_and_once_it_has_weasyprint_is_not_needed(tmp_path: Path) -> None:
    here = hashlib.sha256(filled(plate_of("usual", Rendition.FILLABLE), ordered("usual", Rendition.FILLABLE)))
    first = Elsewhere(tmp_path / "kept").run().stdout.split()
    again = Elsewhere(tmp_path / "kept").run("weasyprint").stdout.split()
    assert first == [here.hexdigest(), "True"]
    assert again == [here.hexdigest(), "False"]
    assert "ImportError: weasyprint" in Elsewhere(tmp_path / "empty").run("weasyprint").stderr
