"""A page renders cleanly or not at all, in our fonts and no others, and the same way every time."""

import ctypes.util
import hashlib
import logging
import os
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from clinicpress import library
from clinicpress.cli import main
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.documents.blocks import Asset
from clinicpress.errors import InputError, RenderError
from clinicpress.orders import Order
from clinicpress.pdf import render as door
from clinicpress.press import press

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")  # WeasyPrint forgets it
ROOT = Path(__file__).parents[1]
FACES = library.read_fonts(ROOT / "fonts")
FONT = {"asset:font": FACES[0].file}
BODY = 'body { font: 12pt "Own" }'


def page(body: str = "<p>Words</p>", style: str = BODY, head: str = "", html: str = 'lang="en"') -> str:
    face = '@font-face { font-family: "Own"; src: url("asset:font") }'
    style = f"<style>{face} {style}</style>"
    return f"<html {html}><head><title>T</title>{style}{head}</head><body>{body}</body></html>"


def fonts_of(pdf: bytes) -> set[str]:
    """The names of the fonts in a PDF, without the letters that mark a subset."""
    with pikepdf.open(BytesIO(pdf)) as document:
        fonts = [one for one in document.objects if isinstance(one, pikepdf.Dictionary) and "/BaseFont" in one]
        return {str(one.BaseFont)[1:].split("+")[-1] for one in fonts}


# Silence is failure -------------------------------------------------------------------------------------------------

BROKEN = {
    "a missing picture": (page('<img src="asset:no" alt="x" />'), "asset:no"),
    "a damaged picture": (page('<img src="asset:damaged" alt="x" />'), "asset:damaged"),
    "a picture without words": (page('<img src="asset:sound" />'), "alt description"),
    "a missing style sheet": (page(head='<link rel="stylesheet" href="asset:no.css" />'), "asset:no.css"),
    "a style sheet of another type": (page(head='<link rel="stylesheet" href="asset:damaged" />'), "stylesheet type"),
    "a missing font": (page(style=f'@font-face {{ font-family: B; src: url("asset:no") }} {BODY}'), "'B'"),
    "an unknown property": (page(style=f"{BODY} p {{ no-such: 1 }}"), "no-such"),
    "an unknown value": (page(style=f"{BODY} p {{ color: no-such }}"), "no-such"),
    "an unknown selector": (page(style=f"{BODY} p:::x {{ color: red }}"), "p:::x"),
    "an unknown rule": (page(style=f"{BODY} @no-such x {{ }}"), "no-such"),
    "a letter that no font has": (page("<p>漢</p>"), "漢"),
    "a link to nowhere": (page('<p><a href="#no">x</a></p>'), "#no"),
    "a page without its language": (page(html=""), "lang"),
}
SOUND = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
PICTURES = {
    "asset:damaged": Asset("damaged.svg", b"<svg", "image/svg+xml"),
    "asset:sound": Asset("sound.svg", SOUND, "image/svg+xml"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_whatever_weasyprint_complains_of_is_an_error(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    html, said = BROKEN[name]
    with pytest.raises(RenderError, match="not rendered cleanly") as error:
        door.render(html, FONT | PICTURES)
    assert said in str(error.value)
    assert capfd.readouterr() == ("", "")


def test_every_complaint_is_told_and_each_once() -> None:
    style = f"{BODY} p {{ no-such: 1; other: 2 }}"
    with pytest.raises(RenderError) as error:
        door.render(page('<p><img src="asset:no" alt="x" /><img src="asset:no" alt="x" /></p>', style), FONT)
    lines = str(error.value).splitlines()[1:]
    assert len(lines) == len(set(lines)) == 3


def test_what_another_module_logs_meanwhile_is_no_complaint() -> None:
    class Talking(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            """A stranger's own handler: it stays his."""

    ours, handler = logging.getLogger("weasyprint"), Talking()
    ours.addHandler(handler)
    before = ours.handlers[:], ours.propagate
    try:
        logging.getLogger("stranger").warning("something else")
        door.render(page(), FONT)
        with pytest.raises(RenderError):
            door.render(page("<p>漢</p>"), FONT)
        assert (ours.handlers[:], ours.propagate) == before
    finally:
        ours.removeHandler(handler)


def test_a_clean_page_is_rendered_and_its_pages_are_counted() -> None:
    made = door.render(page('<p>One</p><p style="break-before: page">Two</p>'), FONT)
    pdf, pages = made.pdf, made.count
    with pikepdf.open(BytesIO(pdf)) as document:
        assert len(document.pages) == pages == 2


def test_a_picture_within_the_page_is_no_file() -> None:
    picture = "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 width=%229%22 height=%229%22/%3E"
    assert door.render(page(f'<img src="{picture}" alt="x" />'), FONT).count == 1


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An output folder, for a product whose style sheet has gone bad."""
    from clinicpress import markup  # noqa: PLC0415

    good = markup._template

    def spoiled(name: str) -> bytes:
        return good(name) + (b"\nh1 { no-such: 1 }" if name == "page.css" else b"")

    monkeypatch.setattr(markup, "_template", spoiled)
    return tmp_path / "out"


def test_a_document_that_does_not_render_is_not_written(shelf: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--kind", "handout", "--lang", "en", "--out", str(shelf), "--today", "2026-12-01"]) == 4
    said = capfd.readouterr()
    assert said.out == ""
    assert "handout.en.md: The page was not rendered cleanly" in said.err
    assert "no-such" in said.err
    assert not list(shelf.rglob("*.*"))


def test_what_was_there_before_stays_when_a_document_does_not_render(shelf: Path) -> None:
    before = shelf / "neurotherapy" / "handout.en.pdf"
    before.parent.mkdir(parents=True)
    before.write_bytes(b"the one of yesterday")
    assert main(["build", "--kind", "handout", "--out", str(shelf), "--today", "2026-12-01"]) == 4
    assert before.read_bytes() == b"the one of yesterday"
    assert [path.name for path in shelf.rglob("*.*")] == ["handout.en.pdf"]


# Only our fonts -----------------------------------------------------------------------------------------------------


def our_names() -> set[str]:
    """The families in fonts/, as a PDF writes them."""
    return {face.family.replace(" ", "-") for face in FACES} | {face.family.replace(" ", "") for face in FACES}


@pytest.fixture(scope="module")
def shipped() -> Order:
    document = library.read_document(ROOT / "handouts" / "neurotherapy" / "handout.en.md")
    clinic = library.read_clinic(ROOT / "clinic.toml", {face.family for face in FACES})
    return Order(document, clinic, PageProfile(Paper.LETTER, Print.STANDARD), FACES)


def test_the_fonts_of_a_document_are_a_subset_of_ours(shipped: Order) -> None:
    for clinic in (ROOT / "clinic.toml", ROOT / "samples" / "riverside" / "clinic.toml"):
        profile = library.read_clinic(clinic, {face.family for face in FACES})
        found = fonts_of(press.produce(replace(shipped, clinic=profile)).pdf)
        assert found
        assert {name for name in found if not any(name.startswith(own) for own in our_names())} == set()


def test_every_font_file_names_the_family_that_the_list_gives_it() -> None:
    assert len(FACES) >= 2
    for face in FACES:
        with TTFont(BytesIO(face.file.data), lazy=True) as font:
            names = {font["name"].getDebugName(1), font["name"].getDebugName(16)}
        assert face.family in names


# Prints a page in the family "Machine Only", with WeasyPrint alone or through our door, and says what got embedded.
PRINT_IN_A_MACHINE_FONT = """
import logging, os, sys, warnings
from io import BytesIO
from pathlib import Path
import pikepdf
from clinicpress import library
warnings.simplefilter("ignore")
faces = library.read_fonts(Path("fonts"))
html = sys.stdin.read()
before = dict(os.environ)
if sys.argv[1] == "alone":
    import weasyprint
    pdf = weasyprint.HTML(string=html.replace("asset:font", "file:" + str(Path("fonts", faces[0].file.name).resolve())))
    pdf = pdf.write_pdf()
else:
    from clinicpress.pdf.render import render
    pdf = render(html, {"asset:font": faces[0].file}).pdf
with pikepdf.open(BytesIO(pdf)) as document:
    fonts = {str(one.BaseFont).split("+")[-1] for one in document.objects
             if isinstance(one, pikepdf.Dictionary) and "/BaseFont" in one}
print(" ".join(sorted(fonts)))
print(" ".join(sorted(name for name in os.environ if os.environ[name] != before.get(name))))
print(" ".join(sorted(before.keys() - os.environ.keys())))
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a machine with one font, in a family that we do not have, and a configuration that says so."""
    folder = tmp_path_factory.mktemp("machine")
    with TTFont(BytesIO(FACES[0].file.data)) as font:
        for record in font["name"].names:
            if record.nameID in (1, 4, 6, 16):
                record.string = "Machine Only" if record.nameID != 6 else "MachineOnly"
        font.save(folder / "machine.ttf")
    configuration = f"<fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>"
    (folder / "fonts.conf").write_text(f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">{configuration}')
    return {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf"), "PYTHONPATH": str(ROOT)}


def print_in_a_machine_font(way: str, machine: dict[str, str], style: str) -> list[str]:
    answer = subprocess.run(
        [sys.executable, "-c", PRINT_IN_A_MACHINE_FONT, way],
        input=page(style=style),
        env=machine,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return answer.stdout.split("\n")


def test_the_fonts_of_the_machine_are_shut_out(machine: dict[str, str]) -> None:
    """Also when the person's own environment points at them. Of all variables one is set, and none is taken away."""
    style = 'body { font: 12pt "Machine Only" }'
    embedded, changed, gone, _ = print_in_a_machine_font("door", machine, style)
    assert "Machine" not in embedded
    assert embedded.startswith("Own")
    assert changed.split() in ([], ["FONTCONFIG_FILE"])
    assert gone == ""


def test_without_our_door_the_fonts_of_the_machine_do_come_in(machine: dict[str, str]) -> None:
    """The control: otherwise the test above would pass on a machine without fonts."""
    assert "Machine" in print_in_a_machine_font("alone", machine, 'body { font: 12pt "Machine Only" }')[0]


# Starting -----------------------------------------------------------------------------------------------------------


def test_the_search_for_libraries_is_as_it_was_after_rendering() -> None:
    script = (
        "import ctypes.util, sys; before = ctypes.util.find_library\n"
        "from clinicpress.pdf import render\n"
        "assert 'weasyprint' not in sys.modules, 'it is loaded on first use only'\n"
        "render._weasyprint()\n"
        "assert 'weasyprint' in sys.modules\n"
        "assert ctypes.util.find_library is before\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, check=True, timeout=60)


def test_the_search_for_libraries_is_off_inside_and_back_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ctypes.util.find_library
    monkeypatch.setattr(sys, "platform", "linux")
    seen = []

    def fail() -> None:
        with door._quick_library_lookup():
            seen.append(ctypes.util.find_library("c"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert seen == [None]
    assert ctypes.util.find_library is before


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_the_search_for_libraries_goes_on_where_it_is_needed(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ctypes.util.find_library
    monkeypatch.setattr(sys, "platform", system)
    with door._quick_library_lookup():
        assert ctypes.util.find_library is before


def test_a_machine_without_the_text_engine_is_sent_to_the_doctor() -> None:
    script = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'weasyprint': raise OSError('cannot load library libpango-1.0.so.0')\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from clinicpress.cli import main\n"
        "sys.exit(main(['build', '--kind', 'handout', '--out', sys.argv[1]]))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, os.devnull + "-not-there"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == InputError.exit_code
    assert "libpango" in answer.stderr
    assert "generate.py doctor" in answer.stderr
    assert "Traceback" not in answer.stderr


# The same again -----------------------------------------------------------------------------------------------------


def test_two_renderings_in_one_process_are_equal_also_after_a_failure_between_them() -> None:
    first = door.render(page("<h1>One</h1><ul><li>Two</li></ul>"), FONT)
    with pytest.raises(RenderError):
        door.render(page("<p>漢</p>"), FONT)
    assert door.render(page("<h1>One</h1><ul><li>Two</li></ul>"), FONT) == first


@pytest.mark.soak
def test_a_document_is_the_same_in_this_process_and_in_others(shipped: Order, tmp_path: Path) -> None:
    made = hashlib.sha256(press.produce(shipped).pdf).hexdigest()
    for seed in ("1", "2"):
        out = tmp_path / seed
        subprocess.run(
            [
                *(sys.executable, "generate.py", "build", "--kind", "handout", "--lang", "en"),
                *("--out", str(out), "--today", "2026-12-01"),
            ],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}"},
            cwd=ROOT,
            capture_output=True,
            check=True,
            timeout=60,
        )
        (pdf,) = out.rglob("*.pdf")
        assert hashlib.sha256(pdf.read_bytes()).hexdigest() == made


# What PDF/A asks of pictures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("place", ["logo", "figure"])
def test_a_bitmap_is_never_smoothed(kind: str, place: str, shipped: Order, tmp_path: Path) -> None:
    """Source: ISO 19005-3, 6.2.8: Interpolate is false. A logo is a background, and lies deeper than a figure."""
    data = BytesIO()
    Image.new("RGB", (40, 40), "navy").save(data, kind)
    picture = Asset(f"a.{kind.lower()}", data.getvalue(), f"image/{kind.lower()}")
    order = shipped
    if place == "logo":
        branding = replace(shipped.clinic.branding, logo=picture)
        order = replace(shipped, clinic=replace(shipped.clinic, branding=branding))
    else:
        path = tmp_path / "topic" / "handout.en.md"
        path.parent.mkdir()
        text = shipped.document.file.read_text().replace("mechanism.svg", picture.name)
        path.write_text(text.replace('{large="mechanism-large-1.svg mechanism-large-2.svg"}', ""))
        (path.parent / picture.name).write_bytes(picture.data)
        order = replace(shipped, document=library.read_document(path))
    with pikepdf.open(BytesIO(press.produce(order).pdf)) as pdf:
        streams = [one for one in pdf.objects if isinstance(one, pikepdf.Stream)]
        pictures = [one for one in streams if one.get("/Subtype") == "/Image"]
        smoothed = [bool(one.get("/Interpolate", False)) for one in pictures]
    assert smoothed
    assert not any(smoothed)
