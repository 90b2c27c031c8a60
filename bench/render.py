"""Jobs of one document: from its text to a PDF, beside WeasyPrint on the same HTML and others on an equal form."""

import os
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from io import BytesIO
from itertools import count
from pathlib import Path

import pikepdf
import weasyprint

from bench import in_chromium, in_reportlab, in_typst
from bench.form import form_of
from bench.names import ANOTHER_FOLDER, LADDER, NEVER_RENDERED, PROOF, PROVED, RENDERED_BEFORE
from bench.orders import ROOT, shipped
from bench.turns import Job, Way, Work
from clinicpress.documents.blocks import Asset
from clinicpress.markup import to_html
from clinicpress.orders import Order
from clinicpress.pdf.proof import prove
from clinicpress.pdf.render import render
from clinicpress.pdf.structure import rebuilt
from clinicpress.press.press import complete, lay_out, produce

PAGES = 4  # of the form, as ReportLab sets it: it prints how many there are, and is told


def jobs(folder: Path, *, quick: bool) -> Iterator[Job]:  # noqa: ARG001  no job here has fewer patients
    """Each document in a process of its own, and once more where everything is loaded. Files go into the folder."""
    for kind in ("consent", "handout"):
        order = shipped(kind)
        sheet = to_html(order)
        page = as_files(sheet.html, sheet.assets, folder / kind)
        with ExitStack() as open_until_done:
            peers = kind == "consent"
            others = list(_cold_peers(order, folder)) if peers else []
            yield Job(f"{kind}, cold process", (*_cold_ours(kind, folder), _cold_bare(page, folder), *others))
            others = list(_warm_peers(order, folder, page, open_until_done)) if peers else []
            ways = (Way("clinicpress", _produced(order)), Way("WeasyPrint alone", _rendered(page)), *others)
            yield Job(f"{kind}, warm", ways)
    yield _ladder(folder)
    yield _parts()


def _cold_ours(kind: str, folder: Path) -> Iterator[Way]:
    """The command as a person gives it, with what it keeps in its cache, and with an empty cache each time."""
    kept, empty = folder / "cache", folder / "empty-cache"
    yield _build(RENDERED_BEFORE, kind, "en", folder / kind / "same", kept)
    yield _build(ANOTHER_FOLDER, kind, "en", folder / kind / "others", kept, another=True)
    yield _build(NEVER_RENDERED, kind, "en", folder / kind / "never", empty, never=True)


def _build(
    name: str, kind: str, language: str, out: Path, cache: Path, *, never: bool = False, another: bool = False
) -> Way:
    """`build` in a process of its own: with an empty cache (`never`), or into a folder with a new name (`another`)."""
    serial = count()

    def clear() -> None:
        shutil.rmtree(out, ignore_errors=True)
        if never:
            shutil.rmtree(cache, ignore_errors=True)

    def work() -> bytes:
        place = out / str(next(serial)) if another else out
        command = [sys.executable, str(ROOT / "generate.py"), "build", "neurotherapy", "--kind", kind]
        command += ["--lang", language, "--out", str(place), *(["--paper-form"] if kind == "consent" else [])]
        return _cold(command, place / "neurotherapy" / f"{kind}.{language}.pdf", cache)()

    return Way(name, work, clear=clear)


def _ladder(folder: Path) -> Job:
    """A form for which several layouts are tried, beside WeasyPrint alone on the page of the one that is taken."""
    order = shipped("consent", "es")
    layout = lay_out(order)
    page = as_files(layout.html, to_html(order, layout.fit).assets, folder / "ladder")
    ours = _build(NEVER_RENDERED, "consent", "es", folder / "ladder-out", folder / "ladder-cache", never=True)
    return Job(LADDER, (ours, _cold_bare(page, folder)))


def _parts() -> Job:
    """What a rendering is made of: the layout, all that follows it, and of that the proof."""
    order = shipped("consent")
    layout = replace(lay_out(order), proved=None)  # as it comes from the cache: nothing is finished yet
    page = to_html(order, layout.fit)
    finished = complete(layout, order)
    with pikepdf.open(BytesIO(layout.pages.pdf)) as pdf:
        owners = rebuilt(pdf, layout.html, layout.pages.places).owners

    def proved() -> bytes:
        if prove(finished.pdf, layout.html, layout.pages, owners, order, finished.about["fields"], codes=True):
            raise AssertionError
        return finished.pdf

    ways = (
        Way("the layout alone", lambda: render(page.html, page.assets).pdf),
        Way("tags, fields, standards and proof", lambda: complete(layout, order).pdf),
        Way(PROVED, proved),
    )
    return Job(PROOF, ways)


def _cold_bare(page: Path, folder: Path) -> Way:
    bare = folder / "bare.pdf"
    return Way("WeasyPrint alone", _cold([sys.executable, str(ROOT / "bench" / "bare.py"), str(page), str(bare)], bare))


def _cold_peers(order: Order, folder: Path) -> Iterator[Way]:
    """Typst and ReportLab, each a script that does nothing else; their form lies ready as a file."""
    form = form_of(order)
    source, pickled, fonts = folder / "form.typ", folder / "form.pickle", str(ROOT / "fonts")
    source.write_text(in_typst.markup(form), encoding="utf-8")
    pickled.write_bytes(pickle.dumps((form, PAGES)))
    made = folder / "typst.pdf"
    command = [sys.executable, str(ROOT / "bench" / "bare_typst.py"), str(source), fonts, str(made)]
    yield Way("Typst", _cold(command, made))
    made = folder / "reportlab.pdf"
    yield Way("ReportLab", _cold([sys.executable, "-m", "bench.bare_reportlab", str(pickled), fonts, str(made)], made))


def _warm_peers(order: Order, folder: Path, page: Path, open_until_done: ExitStack) -> Iterator[Way]:
    """The others with everything loaded. A value that is new each time keeps Typst from handing out what it made."""
    form = form_of(order)
    typst = in_typst.Press(folder / "form.typ", ROOT / "fonts")
    rounds = iter(range(1_000_000))
    yield Way("Typst", lambda: typst.make({"round": str(next(rounds))}))
    reportlab = in_reportlab.Press(form, ROOT / "fonts", PAGES)
    yield Way("ReportLab", lambda: reportlab.make({}))
    if in_chromium.PROGRAM is None:
        return
    chromium = open_until_done.enter_context(in_chromium.Press(form, page))
    yield Way("Chromium", lambda: chromium.make({}))


def _cold(command: list[str], made: Path, cache: Path | None = None) -> Work:
    """A program that is started again, and the file that it writes."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG")}
    if cache:
        environment["XDG_CACHE_HOME"] = str(cache)

    def work() -> bytes:
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment)
        return made.read_bytes()

    return work


def _produced(order: Order) -> Work:
    return lambda: produce(order).pdf


def _rendered(page: Path) -> Work:
    return lambda: bytes(weasyprint.HTML(page).write_pdf(pdf_variant="pdf/ua-1"))


def as_files(html: str, assets: Mapping[str, Asset], folder: Path) -> Path:
    """Writes a page and its files so that any HTML tool can open it."""
    folder.mkdir(parents=True, exist_ok=True)
    for address, asset in assets.items():
        path = folder / address.removeprefix("asset:")
        path.parent.mkdir(parents=True, exist_ok=True)
        data = asset.data
        if asset.media_type == "text/css":
            data = data.replace(b"asset:", folder.as_uri().encode() + b"/")
        path.write_bytes(data)
    page = folder / "page.html"
    page.write_text(re.sub("asset:", "", html), encoding="utf-8")
    return page
