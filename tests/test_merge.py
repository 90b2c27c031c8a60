"""A print job: the documents of a whole morning in one file, each as it is alone, what they share stored once."""

import json
import re
import subprocess
import sys
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name

from clinicpress import library
from clinicpress.clinics import FontFace, PageProfile, Paper, Print
from clinicpress.errors import NoRoomError, RenderError
from clinicpress.marks import page_code
from clinicpress.orders import Order, Rendition
from clinicpress.pdf.finish import cut_plate
from clinicpress.pdf.job import MOST_OBJECTS, PrintJob
from clinicpress.pdf.plate import Plate
from clinicpress.pdf.syntax import _joined
from clinicpress.press.press import Layout, lay_out
from clinicpress.visits import NOTHING_KNOWN, Encounter
from tests import forms, prints
from tests.instruments import codes, extract, paint, tagtree, verapdf

ROOT = Path(__file__).resolve().parents[1]
DAY = date(2026, 11, 24)
TITLE = "Print job, 2026-11-24"
USUAL = {
    "patient.name": "Zoë Example",
    "patient.birth_date": "Apr 9, 1961",
    "patient.mrn": "0012345",
    "encounter.side": "Left",
    "encounter.site": "Knee",
    "clinician.name": "Ada Example, ND",
}
MOST_BYTES = 7_000  # a patient of the four-page consent form, tagged
PLATES = ("consent.en", "consent.es", "handout.en")


@cache
def order(name: str, rendition: Rendition = Rendition.PAPER) -> Order:
    document = library.read_document(ROOT / "handouts" / "neurotherapy" / f"{name}.md")
    encounter = Encounter(USUAL) if document.kind.is_form else NOTHING_KNOWN
    page = PageProfile(Paper.LETTER, Print.STANDARD)
    return Order(document, prints.clinic("shipped"), page, prints.fonts(), rendition, encounter)


@cache
def laid_out(name: str) -> Layout:
    return lay_out(order(name), cache=forms.kept)


@cache
def plate(name: str, rendition: Rendition = Rendition.PAPER) -> Plate:
    ordered, layout = order(name, rendition), laid_out(name)
    marks = [page_code(ordered.document, number, layout.pages.count) for number in range(1, layout.pages.count + 1)]
    return cut_plate(layout.pages, layout.html, ordered, marks if ordered.document.kind.is_form else [])


@cache
def faces() -> tuple[FontFace, ...]:
    return (prints.fonts()[0],)


@dataclass(frozen=True)
class Wish:
    """A document of a job: which plate, and for whom."""

    plate: str
    values: Mapping[str, str]

    def alone(self) -> bytes:
        """The document in a file of its own."""
        one = plate(self.plate)
        return one.prefix + one.tail(self.values, faces())


def patient(number: int, **changes: str) -> dict[str, str]:
    mrn, born = f"{number * 7919 % 9_999_991:07d}", f"{number % 12 + 1}/{number % 28 + 1}/{1930 + number % 80}"
    changed = {name.replace("_", ".", 1): value for name, value in changes.items()}
    return USUAL | {"patient.name": f"Pat Example {number}", "patient.birth_date": born, "patient.mrn": mrn} | changed


def job_of(wishes: Iterable[Wish], **options: int) -> bytes:
    made = BytesIO()
    with PrintJob(made.write, TITLE, DAY, "The Clinic", **options) as job:
        for one in wishes:
            job.add(plate(one.plate), one.values, faces())
    return made.getvalue()


def consents(count: int) -> list[Wish]:
    return [Wish("consent.en", patient(number)) for number in range(count)]


MIXED = [
    Wish("consent.es", patient(1, patient_name="Đặng Thị Ngọc Ánh")),
    Wish("handout.en", {}),
    Wish("consent.en", patient(2, patient_name="Đặng Thị Ngọc Ánh")),
    Wish("handout.en", {}),
]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job of several forms, languages and kinds of letters, in two groups."""
    path = tmp_path_factory.mktemp("merge") / "mixed.pdf"
    path.write_bytes(job_of(MIXED, group=3))
    return path


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same documents in files of their own."""
    folder = tmp_path_factory.mktemp("alone")
    paths = [folder / f"{number}.pdf" for number in range(len(MIXED))]
    for path, wish in zip(paths, MIXED, strict=True):
        path.write_bytes(wish.alone())
    return paths


def checked(path: Path) -> str:
    return subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=True, timeout=60).stdout


# Conformance ----------------------------------------------------------------------------------------------------------


def test_a_mixed_job_is_pdf_ua_and_pdf_a_at_once(mixed: Path) -> None:
    assert "No syntax or stream encoding errors found" in checked(mixed)
    assert verapdf.validate([mixed]) == {mixed: []}


@pytest.mark.soak
@pytest.mark.parametrize("count", [1, 2, 100])
def test_a_job_of_any_length_conforms(count: int, tmp_path: Path) -> None:
    path = tmp_path / "job.pdf"
    path.write_bytes(job_of(consents(count)))
    checked(path)
    assert verapdf.validate([path]) == {path: []}


def test_the_job_says_what_it_is_and_names_nobody(mixed: Path) -> None:
    with pikepdf.open(mixed) as pdf:
        said = bytes(pdf.Root.Metadata.read_bytes()) + pdf.trailer.Info.unparse(resolved=True)
        assert str(pdf.trailer.Info.Title) == TITLE
        assert str(pdf.trailer.Info.Subject) == f"4 documents, {len(pdf.pages)} pages"
        assert TITLE.encode() in said
        assert b"2026-11-24T00:00:00Z" in said
        assert str(pdf.Root.Lang) == "es"
        shown = pdf.Root.ViewerPreferences
        assert (shown.Duplex, shown.PrintScaling) == (Name.DuplexFlipLongEdge, Name("/None"))
        assert shown.DisplayDocTitle
    assert not [value for wish in MIXED for value in wish.values.values() if value.encode() in said]


# Each document as it is alone -----------------------------------------------------------------------------------------


def test_every_page_looks_as_in_its_own_file(mixed: Path, alone: list[Path]) -> None:
    job = paint.paint(mixed, "pdfium", dpi=60)
    with pikepdf.open(mixed) as pdf:
        places = page_numbers(pdf)
    backs = set(range(len(job)))
    for path, first in zip(alone, places, strict=True):
        single = paint.paint(path, "pdfium", dpi=60)
        backs -= set(range(first, first + len(single)))
        assert all(np.array_equal(one, job[first + number]) for number, one in enumerate(single))
    assert backs
    assert all((job[number] == 255).all() for number in backs)


def test_every_document_begins_on_the_front_of_a_sheet_and_none_has_an_empty_page(mixed: Path) -> None:
    with pikepdf.open(mixed) as pdf:
        places = page_numbers(pdf)
        backs = [number for number, page in enumerate(pdf.pages) if "/Contents" not in page.obj]
        sizes = {tuple(map(float, page.mediabox)) for page in pdf.pages}
    counts = [plate(wish.plate).pages for wish in MIXED]
    assert any(count % 2 for count in counts)
    assert all(first % 2 == 0 for first in places)
    assert backs == [first + count for first, count in zip(places, counts, strict=True) if count % 2]
    assert len(sizes) == 1


def test_no_empty_page_ends_a_job() -> None:
    with pikepdf.open(BytesIO(job_of([Wish("consent.es", patient(1))] * 2))) as pdf:
        assert len(pdf.pages) == 2 * plate("consent.es").pages + 1


def test_every_page_reads_as_in_its_own_file(mixed: Path, alone: list[Path]) -> None:
    for pages in (extract.pdfium_pages, extract.poppler_pages):
        job = pages(mixed)
        assert [text for text in job if text.strip()] == [text for path in alone for text in pages(path)]
        assert "0007919" in job[0]


def test_codes_decode_on_the_page_that_they_name(mixed: Path) -> None:
    with pikepdf.open(mixed) as pdf:
        places = page_numbers(pdf)
    for wish, first in list(zip(MIXED, places, strict=True))[::2]:
        pages = plate(wish.plate).pages
        found = codes.read_codes(mixed, first + pages)
        assert [code.text for code in found] == [page_code(order(wish.plate).document, pages, pages).text] * 2


def page_numbers(pdf: pikepdf.Pdf) -> list[int]:
    """The number of the first page of each document, from 0."""
    found, first, end = [], 0, 0
    for wish in MIXED:
        found.append(first)
        first += plate(wish.plate).pages
        end, first = first, first + first % 2
    assert end == len(pdf.pages)
    return found


def test_twins_and_people_of_one_name_stay_apart(tmp_path: Path) -> None:
    twins = [patient(number, patient_name="Kim Example") for number in (5, 6, 7)]
    twins[1]["patient.birth_date"] = twins[0]["patient.birth_date"]
    path = tmp_path / "job.pdf"
    path.write_bytes(job_of(Wish("consent.en", one) for one in twins))
    texts = extract.pdfium_pages(path)
    pages = plate("consent.en").pages
    for number, twin in enumerate(twins):
        own = texts[number * pages : (number + 1) * pages]
        for other in twins:
            assert all((other["patient.mrn"] in text) == (other is twin) for text in own)
        assert all(twin["patient.birth_date"] in text for text in own)


# Tags -----------------------------------------------------------------------------------------------------------------


def tree(pdf: pikepdf.Pdf, element: Any) -> Any:
    """An element and all below it as plain values, with pages by their numbers."""
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}

    def read(one: Any) -> Any:
        kids = one.get("/K", Array())
        own = pages[one.Pg.objgen] if "/Pg" in one else None
        inside: list[Any] = []
        for kid in kids if isinstance(kids, Array) else [kids]:
            if not isinstance(kid, Dictionary):
                inside.append((own, int(kid)))
            elif kid.get("/Type") == Name.MCR:
                inside.append((pages[kid.Pg.objgen], int(kid.MCID)))
            elif kid.get("/Type") == Name.OBJR:
                assert pdf.Root.StructTreeRoot
                inside.append(("link", pages[kid.Pg.objgen] if "/Pg" in kid else own, str(kid.Obj.A.URI)))
            else:
                assert kid.P.objgen == one.objgen
                inside.append(read(kid))
        said = {
            key: value.unparse() for key, value in one.items() if key in ("/A", "/Alt", "/ActualText") and value != ""
        }
        return str(one.S), said, inside

    return read(element)


def shifted(read: Any, first: int) -> Any:
    """The same, with pages counted from another one."""
    tag, said, inside = read
    moved: list[Any] = []
    for kid in inside:
        if isinstance(kid[1], dict):
            moved.append(shifted(kid, first))
        elif kid[0] == "link":
            moved.append(("link", kid[1] + first, kid[2]))
        else:
            moved.append((kid[0] + first, kid[1]))
    return tag, said, moved


def test_the_tags_of_each_document_are_those_of_its_own_file(mixed: Path, alone: list[Path]) -> None:
    with pikepdf.open(mixed) as job:
        top = job.Root.StructTreeRoot.K
        assert Name.Document == top.S
        parts = list(top.K)
        assert [str(part.S) for part in parts] == ["/Part"] * len(MIXED)
        assert [str(part.Lang) for part in parts] == [order(wish.plate).document.language for wish in MIXED]
        assert [str(part.T) for part in parts] == [order(wish.plate).document.title for wish in MIXED]
        for part, path, first in zip(parts, alone, page_numbers(job), strict=True):
            with pikepdf.open(path) as single:
                tag, said, inside = shifted(tree(single, single.Root.StructTreeRoot.K[0]), first)
            assert tag == "/Document"
            assert next(kid[0] for kid in inside if str(kid[0]).startswith("/H")) == "/H1"
            assert tree(job, part) == ("/Part", said, inside)


def test_every_page_and_link_leads_back_to_its_tags(mixed: Path) -> None:
    with pikepdf.open(mixed) as pdf:
        table = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
        keys = []
        for page in pdf.pages:
            if "/Contents" not in page.obj:
                continue  # the empty back of a sheet
            keys.append(int(page.obj.StructParents))
            for mcid, owner in enumerate(table[keys[-1]]):
                if owner is not None:
                    assert owner.Pg.objgen == page.obj.objgen
                    assert mcid in [kid for kid in several(owner.K) if not isinstance(kid, Dictionary)]
            for link in page.obj.get("/Annots", Array()):
                keys.append(int(link.StructParent))
                assert any(isinstance(kid, Dictionary) and kid.Obj == link for kid in several(table[keys[-1]].K))
        assert sorted(keys) == sorted(table.keys()) == list(range(len(keys)))
        assert pdf.Root.StructTreeRoot.ParentTreeNextKey == len(keys) > len(pdf.pages)


def test_a_viewer_finds_all_words_in_the_tags_of_their_document(mixed: Path) -> None:
    pages = tagtree.tagged_pages(mixed)
    assert not [page for page in pages if page.untagged or page.orphaned]
    names = [wish.plate for wish in MIXED for _ in range(plate(wish.plate).pages)]
    for page, name in zip([page for page in pages if page.tree.text], names, strict=True):
        assert [part.lang for part in page.tree.find("Part")] == [order(name).document.language]


def several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Array) else [value]


# Stored once ----------------------------------------------------------------------------------------------------------


def stored(pdf: pikepdf.Pdf) -> tuple[int, int, int]:
    """How many contents of pages, font files, and other streams that are no drawings."""
    streams = [one for one in pdf.objects if isinstance(one, pikepdf.Stream)]
    contents = {page.obj.Contents.objgen for page in pdf.pages}
    fonts = sum("/Length1" in one for one in streams)
    drawings = sum(one.get("/Subtype") == Name.Form and "/Font" in one.Resources for one in streams)
    packed = sum(one.get("/Type") in (Name.ObjStm, Name.XRef) for one in streams)
    return len(contents), fonts, len(streams) - drawings - packed


def test_what_patients_share_is_stored_once() -> None:
    with pikepdf.open(BytesIO(job_of(consents(1)))) as one, pikepdf.open(BytesIO(job_of(consents(30)))) as many:
        assert len(many.pages) == 30 * len(one.pages)
        assert stored(many) == stored(one)
        assert stored(one)[0] == 4


def test_two_forms_share_what_is_equal(mixed: Path) -> None:
    def apart(names: Iterable[str]) -> list[pikepdf.Pdf]:
        return [pikepdf.open(BytesIO(plate(name).prefix + tail(name))) for name in names]

    def tail(name: str) -> bytes:
        return plate(name).tail({place.name: "0" for place in plate(name).places}, faces())

    files = {
        bytes(one.read_raw_bytes())
        for pdf in apart(PLATES)
        for one in pdf.objects
        if isinstance(one, pikepdf.Stream) and "/Length1" in one
    }
    with pikepdf.open(mixed) as pdf:
        found = [
            bytes(one.read_raw_bytes()) for one in pdf.objects if isinstance(one, pikepdf.Stream) if "/Length1" in one
        ]
    assert len(found) == len(set(found))
    assert len(set(found) - files) == 1  # the name with further letters, which two patients have
    assert files <= set(found)


def test_the_facts_of_each_text_are_enclosed_once(mixed: Path) -> None:
    with pikepdf.open(mixed) as pdf:
        facts = {name: json.loads(pdf.attachments[name].get_file().read_bytes()) for name in pdf.attachments}
        assert sorted(facts) == ["document-0001.json", "document-0002.json", "document-0003.json"]
        assert [facts[name]["form"] for name in sorted(facts)] == [
            order(name).document.form for name in ("consent.es", "handout.en", "consent.en")
        ]
        for wish, part in zip(MIXED, pdf.Root.StructTreeRoot.K.K, strict=True):
            (file,) = part.AF
            assert facts[str(file.UF)]["language"] == order(wish.plate).document.language
            assert file.objgen in [one.objgen for one in pdf.Root.AF]


def test_a_patient_more_costs_few_bytes() -> None:
    sizes = [len(job_of(consents(count))) for count in (100, 200, 300)]
    further = [(more - fewer) / 100 for fewer, more in pairwise(sizes)]
    assert max(further) < MOST_BYTES
    assert max(further) < min(further) * 1.1


# The job as a file ----------------------------------------------------------------------------------------------------


def test_the_same_job_has_the_same_bytes(mixed: Path) -> None:
    made = BytesIO()
    again = {name: Plate.from_bytes(plate(name).to_bytes()) for name in PLATES}
    with PrintJob(made.write, TITLE, DAY, "The Clinic", group=3) as job:
        for wish in MIXED:
            job.add(again[wish.plate], wish.values, faces())
    assert made.getvalue() == mixed.read_bytes()


def test_a_document_that_cannot_be_added_leaves_the_job_as_it_was() -> None:
    made = BytesIO()
    with PrintJob(made.write, TITLE, DAY, "The Clinic") as job:
        job.add(plate("consent.en"), patient(1), faces())
        with pytest.raises(NoRoomError):
            job.add(plate("consent.en"), patient(2, patient_name="Long Example " * 40), faces())
        job.add(plate("consent.en"), patient(3), faces())
    assert made.getvalue() == job_of(Wish("consent.en", patient(number)) for number in (1, 3))


def test_a_full_job_says_so_before_the_limit_of_the_format(tmp_path: Path) -> None:
    assert MOST_OBJECTS == 2**23 - 1
    most, made, added = 5_000, BytesIO(), 0
    with PrintJob(made.write, TITLE, DAY, "The Clinic", most_objects=most, group=4) as job:
        while job.has_room(plate("consent.en")):
            job.add(plate("consent.en"), patient(added), faces())
            added += 1
        with pytest.raises(RenderError, match="full"):
            job.add(plate("consent.en"), patient(added), faces())
    path = tmp_path / "job.pdf"
    path.write_bytes(made.getvalue())
    checked(path)
    with pikepdf.open(path) as pdf:
        assert most * 0.8 < len(pdf.objects) <= most
        assert len(pdf.pages) == 4 * added


def test_a_form_for_the_screen_is_refused() -> None:
    with pytest.raises(RenderError, match="paper form"):
        PrintJob(BytesIO().write, TITLE, DAY, "").add(plate("consent.en", Rendition.FILLABLE), patient(1), faces())


def test_a_job_without_a_document_is_refused() -> None:
    with pytest.raises(RenderError, match="at least one"):
        job_of([])


def test_an_error_leaves_the_file_without_its_end() -> None:
    made = BytesIO()
    with pytest.raises(KeyError), PrintJob(made.write, TITLE, DAY, "") as job:
        job.add(plate("consent.en"), {}, faces())
    assert b"%%EOF" not in made.getvalue()


@given(st.binary(), st.binary())
def test_two_checksums_make_that_of_the_whole(first: bytes, second: bytes) -> None:
    assert _joined(zlib.adler32(first), zlib.adler32(second), len(second)) == zlib.adler32(first + second)


PEAK = """
import resource, sys
from datetime import date
from pathlib import Path
from clinicpress.library import read_fonts
from clinicpress.pdf.job import PrintJob
from clinicpress.pdf.plate import Plate
from tests.test_merge import patient
plate, faces = Plate.from_bytes(Path(sys.argv[1]).read_bytes()), (read_fonts(Path("fonts"))[0],)
with PrintJob(len, "x", date(2026, 11, 24), "x") as job:
    for number in range(int(sys.argv[2])):
        job.add(plate, patient(number), faces)
sys.stdout.write(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
"""


@pytest.mark.soak
def test_memory_stays_flat_from_100_to_10_000_patients(tmp_path: Path) -> None:
    kept = tmp_path / "plate"
    kept.write_bytes(plate("consent.en").to_bytes())
    peaks = []
    for count in (100, 10_000):
        command = [sys.executable, "-c", PEAK, str(kept), str(count)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
        peaks.append(int(re.search(r"peak (\d+)", done.stdout)[1]))  # type: ignore[index]
    assert peaks[1] <= peaks[0] * 1.2
