"""Every name prints exactly as it is written, inside its box; or it is refused by field and character.

`names.txt` holds invented names and odd values in twelve scripts. They are all set into one form with a field for each,
which is then read back by three programs, painted, and compared with what was given.
"""

import dataclasses
import json
import re
import sys
import unicodedata
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import bidi
import numpy as np
import pikepdf
import pytest
from pikepdf import Name

from clinicpress import library
from clinicpress.clinics import FontFace, PageProfile, Paper, Print
from clinicpress.errors import ContentError
from clinicpress.issued import Issued
from clinicpress.library.fonts import SCRIPTS, faces_for
from clinicpress.orders import Order, Rendition
from clinicpress.pdf.shaping import shape
from clinicpress.press.press import complete, lay_out
from tests.instruments import extract, verapdf
from tests.instruments.paint import paint
from tests.instruments.tools import program, run

ROOT = Path(__file__).resolve().parents[1]
DPI = 144
BORDER = 0.75  # points, as the style sheet draws it
MARKS_OF_POPPLER = dict.fromkeys(map(ord, "\u202a\u202b\u202c"))  # it says with them which way a line runs
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


@dataclass(frozen=True)
class Given:
    """A line of the table."""

    number: int
    script: str
    value: str
    refused: bool

    @property
    def field(self) -> str:
        return f"name.n{self.number:03}"

    @property
    def text(self) -> str:
        """As it is to be printed."""
        return unicodedata.normalize("NFC", self.value.strip())

    @property
    def leftward(self) -> bool:
        """Whether letters in it run from right to left."""
        return bool(self._directions & {"R", "AL"})

    @property
    def both_ways(self) -> bool:
        """Whether a line that runs to the left holds more than letters and blanks: digits, brackets, other letters.

        Such a line has no one order on paper: a program that reads it back has to guess which way each part runs.
        """
        return self.leftward and bool(self._directions - {"R", "AL", "NSM", "WS", "BN"})

    @property
    def _directions(self) -> set[str]:
        return {unicodedata.bidirectional(character) for character in self.text}


def read_table() -> list[Given]:
    lines = (ROOT / "tests" / "names.txt").read_text(encoding="utf-8").splitlines()
    table = []
    for number, line in enumerate((line for line in lines if not line.startswith("#")), 1):
        script, _, rest = line.partition(" | ")
        refused = rest.endswith(" | refused")
        escaped = rest.removesuffix(" | refused").replace('"', '\\"')
        table.append(Given(number, script, json.loads(f'"{escaped}"'), refused))
    return table


TABLE = read_table()
PRINTED = [one for one in TABLE if not one.refused]
TODAY = date(2026, 12, 1)
REFUSED = [one for one in TABLE if one.refused]


@pytest.fixture(scope="module")
def own() -> FontFace:
    return library.read_fonts(ROOT / "fonts")[0]


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Order:
    """The shipped form with a field for every line of the table."""
    shelf = tmp_path_factory.mktemp("handouts")
    topic = shelf / "neurotherapy"
    topic.mkdir()
    for path in (ROOT / "handouts" / "neurotherapy").iterdir():
        if path.is_file():
            (topic / path.name).write_bytes(path.read_bytes())
    (topic / "figures").symlink_to(ROOT / "handouts" / "neurotherapy" / "figures")
    form = topic / "consent.en.md"
    lines = [f"- Name {one.number}: text {{{one.field}}} half" for one in TABLE]
    # In sections: the renderer's work grows with the square of a section.
    groups = [
        "\n".join([f"## Names {start}", "", "::: fields", *lines[start : start + 16], ":::"])
        for start in range(0, len(lines), 16)
    ]
    asked = "\n\n".join(groups)
    text = form.read_text(encoding="utf-8")
    place = text.index("\n## ", text.index("\n---\n"))
    place = text.index("\n## ", place + 5)
    form.write_text(f"{text[:place]}\n{asked}\n{text[place:]}", encoding="utf-8")
    fonts = library.read_fonts(ROOT / "fonts")
    clinic = library.read_clinic(ROOT / "clinic.toml", {face.family for face in fonts})
    documents, _ = library.read_library(shelf, ["neurotherapy"])
    document = next(one for one in documents if one.kind.is_form)
    return Order(document, clinic, PageProfile(Paper.LETTER, Print.STANDARD), fonts)


@dataclass(frozen=True)
class Forms:
    """The form on paper, empty and filled, and filled for a keyboard."""

    empty: Path
    paper: Path
    fillable: Path
    finished: Issued


@pytest.fixture(scope="module")
def forms(order: Order, own: FontFace, tmp_path_factory: pytest.TempPathFactory) -> Forms:
    folder = tmp_path_factory.mktemp("forms")
    assert order.document.kind.is_form
    settings = [f"{one.field}={one.value}" for one in PRINTED]
    encounter = library.read_encounter(None, settings, order.document, own, TODAY)
    layout = lay_out(order)
    filled = dataclasses.replace(order, encounter=encounter)
    made = {
        "empty": complete(layout, order),
        "paper": complete(layout, filled),
        "fillable": complete(layout, dataclasses.replace(filled, rendition=Rendition.FILLABLE)),
    }
    for name, one in made.items():
        (folder / f"{name}.pdf").write_bytes(one.pdf)
    return Forms(folder / "empty.pdf", folder / "paper.pdf", folder / "fillable.pdf", made["paper"])


def places(finished: Issued) -> dict[str, tuple[int, tuple[float, float, float, float]]]:
    """Page (from 0) and rectangle of each field of the table."""
    found = {}
    for entry in finished.facts()["fields"]:  # type: ignore[attr-defined]
        if entry["name"].startswith("name."):
            found[entry["name"]] = (entry["page"] - 1, tuple(entry["rectangle"]))
    return found


def read_back(pdf: Path, reader: str, leftward: bool) -> str:
    """All text of a file as a program reads it."""
    match reader:
        case "poppler":
            # -raw has lines that run to the left in the order of the eye; without it, lone letters are taken apart.
            order = [] if leftward else ["-raw"]
            text = run(program("pdftotext", "poppler-utils"), *order, pdf, "-").decode().translate(MARKS_OF_POPPLER)
        case "pdfium":
            text = "\n".join(extract.pdfium_pages(pdf))
        case _:
            text = "\n".join(extract.pdfjs_pages(pdf))
    return as_read(text)


def as_read(text: str) -> str:
    """Readers give \ufb01 as fi and leave out joiners, which cannot be seen; so this is not counted."""
    return extract.normalise(unicodedata.normalize("NFKC", text.replace("\u200c", "").replace("\u200d", "")))


def test_the_table_is_large_enough() -> None:
    assert len(TABLE) >= 200
    assert len({one.script for one in PRINTED}) >= 12
    assert {"Hebrew", "Arabic", "Devanagari", "Thai", "Chinese", "Japanese", "Korean"} <= {one.name for one in SCRIPTS}


@pytest.mark.parametrize("reader", ["poppler", "pdfium", "pdfjs"])
def test_every_name_is_read_back_exactly(reader: str, forms: Forms) -> None:
    texts = {leftward: read_back(forms.paper, reader, leftward) for leftward in (True, False)}
    wrong = []
    for one in PRINTED:
        wanted = re.escape(as_read(one.text))
        # pdf.js sets no blank between label and value.
        free = wanted if reader == "pdfjs" else rf"(?<!\S){wanted}(?!\S)"
        if not one.both_ways and not re.search(free, texts[one.leftward]):
            wrong.append(one.text)
    assert wrong == []


def test_values_are_read_beside_their_labels(forms: Forms) -> None:
    """Drawn in reading order, so that copied text makes sense."""
    pages = extract.normalise(" ".join(extract.poppler_pages(forms.paper)))
    labels = [one for one in PRINTED if not one.leftward]
    assert [one.text for one in labels if f"Name {one.number} {extract.normalise(one.text)}" not in pages] == []


def test_names_of_both_directions_are_said_in_the_order_of_the_voice(forms: Forms) -> None:
    mixed = {one.text for one in PRINTED if one.both_ways}
    assert len(mixed) >= 8
    with pikepdf.open(forms.paper) as pdf:
        said = {
            str(thing.ActualText)
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary) and "/ActualText" in thing
        }
    assert mixed <= said


def test_every_field_holds_its_name(forms: Forms) -> None:
    with pikepdf.open(forms.fillable) as pdf:
        group = next(one for one in pdf.Root.AcroForm.Fields if str(one.T) == "name")
        held = {f"name.{kid.T}": str(kid.V) for kid in group.Kids}
    assert held == {one.field: "" if one.refused else one.text for one in TABLE}


def test_no_ink_leaves_its_box_and_none_is_cut_off(forms: Forms, tmp_path: Path) -> None:
    with pikepdf.open(forms.paper) as pdf:  # without the clipping that would hide what sticks out
        unclipped = 0
        for thing in pdf.objects:
            if (
                isinstance(thing, pikepdf.Stream)
                and thing.get("/Subtype") == Name.Form
                and b" re W n" in thing.read_bytes()
            ):
                thing.write(thing.read_bytes().replace(b" re W n", b" re n"))
                unclipped += 1
        assert unclipped == len(PRINTED)
        pdf.save(tmp_path / "unclipped.pdf")
    before, after = (paint(path, "poppler", dpi=DPI) for path in (forms.empty, tmp_path / "unclipped.pdf"))
    zones = places(forms.finished)
    names = {one.field for one in PRINTED}
    for number, (empty, filled) in enumerate(zip(before, after, strict=True)):
        ink = np.abs(empty.astype(np.int16) - filled.astype(np.int16)) > 40
        high = ink.shape[0]
        for name, (page, (left, bottom, right, top)) in zones.items():
            if page == number and name in names:
                scale = DPI / 72
                rows = slice(high - int((top - BORDER) * scale), high - int((bottom + BORDER) * scale))
                columns = slice(int((left + BORDER) * scale), int((right - BORDER) * scale))
                assert ink[rows, columns].any(), f"{name} left no ink"
                ink[rows, columns] = False
        assert not ink.any(), f"ink beside the boxes on page {number + 1}"


@pytest.mark.soak
def test_forms_with_every_script_keep_both_standards(forms: Forms) -> None:
    assert verapdf.validate([forms.paper, forms.fillable]) == {forms.paper: [], forms.fillable: []}


@pytest.mark.parametrize("one", REFUSED, ids=lambda one: f"{one.number}-{one.script}")
def test_what_cannot_be_printed_is_refused_by_field_and_character(one: Given, order: Order, own: FontFace) -> None:
    assert order.document.kind.is_form
    with pytest.raises(ContentError) as caught:
        library.read_encounter(None, [f"{one.field}={one.value}"], order.document, own, TODAY)
    (problem,) = caught.value.problems
    assert problem.message.startswith(f"{one.field}: ")
    assert "line" in problem.message or re.search(r"U\+[0-9A-F]{4}", problem.message)
    assert one.value not in problem.message + problem.remedy or len(one.value) == 1


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.package)
def test_without_its_typeface_a_name_is_refused_with_the_package(
    script: library.fonts.Script, order: Order, own: FontFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library.fonts, "FOUND", {})
    for other in SCRIPTS:
        monkeypatch.setitem(sys.modules, other.package.replace("-", "_"), None)
    value = {
        "Hebrew": "שרה",
        "Arabic": "محمد",
        "Devanagari": "राम",
        "Thai": "สมศักดิ์",
        "Chinese": "王",
        "Japanese": "た",
        "Korean": "김",
    }[script.name]
    assert order.document.kind.is_form
    with pytest.raises(ContentError) as caught:
        library.read_encounter(None, [f"name.n001={value}"], order.document, own, TODAY)
    (problem,) = caught.value.problems
    assert f"U+{ord(value[0]):04X}" in problem.message
    assert "make more-fonts" in problem.remedy
    assert script.package.removesuffix("-tw").removesuffix("-cn") in problem.remedy


def test_no_row_looks_for_a_typeface_that_it_needs_not_or_that_was_found(
    order: Order, own: FontFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(library.fonts, "FOUND", {})
    monkeypatch.setattr(library.fonts, "find_spec", lambda name: asked.append(name) or find_spec(name))
    for name in ("Zofie", "Žofie", "Zofie\u030c", "Đặng Thị", "שרה", "לאה"):
        library.encounter_of({"patient.name": name}, "list", order.document, own, 2)
    assert asked == ["pylopdf_fonts_he"]


def test_letters_stand_in_the_order_that_another_program_gives_them(own: FontFace) -> None:
    """python-bidi's own ordering, written in another language than the one that we took the levels from."""
    seen = 0
    for one in PRINTED:
        if one.script in ("arabic", "hebrew") and "\u200c" not in one.text:
            line = shape(one.text, (own, *faces_for([one.text], own, "")))
            letters = "".join(cluster.text[::-1] if cluster.leftward else cluster.text for cluster in line.clusters)
            assert letters == bidi.get_display(one.text)
            seen += 1
    assert seen >= 30


def test_chinese_characters_are_drawn_as_the_language_of_the_patient_draws_them(own: FontFace) -> None:
    families = {language: faces_for(["直"], own, language)[0].file.name for language in ("ja", "ko", "zh", "zh-Hant")}
    assert families == {
        "ja": "NotoSansJP-Regular.otf",
        "ko": "NotoSansKR-Regular.otf",
        "zh": "NotoSansSC-Regular.otf",
        "zh-Hant": "NotoSansTC-Regular.otf",
    }
    assert faces_for(["直 た"], own, "")[0].file.name == "NotoSansJP-Regular.otf"
