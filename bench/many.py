"""Jobs of many patients, on one core: a filled form for each, as a file; and one print job of all.

The seam to our side is `packets`; here stand those that it is measured against, and the limit: plain writing of the
very bytes that ours wrote, as new files into the same folder.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdf
import weasyprint

from bench import in_chromium, in_reportlab, in_typst
from bench.form import entered, filled_html, form_of
from bench.names import FILES, MERGED
from bench.orders import ROOT, shipped
from bench.packets import AT_ONCE, MERGED_AT_ONCE, Values, ours, ours_merged, patients
from bench.peers import Entries, ordinary, ordinary_name, with_pikepdf, with_pymupdf, with_pypdf
from bench.render import PAGES, as_files
from bench.turns import Batch, Job, Turn, Way, Work, only_one_core
from clinicpress.markup import to_html
from clinicpress.orders import Order, Rendition
from clinicpress.press.press import complete, lay_out

SLOW, MIDDLE, FAST = 20, 100, 2000
"""Patients a turn: enough that a turn takes a second or so, and no more than the run can wait for."""
QUICK = 10  # times fewer, with --quick


Make = Callable[[Values], bytes]


def jobs(folder: Path, *, quick: bool) -> Iterator[Job]:
    """A file each, then one print job."""
    only_one_core()
    order = shipped("consent")
    with ExitStack() as open_until_done:
        makers = dict(_makers(order, folder, open_until_done))
        yield _files(folder, makers, quick=quick)
    yield _merged(order, folder, quick=quick)


def _files(folder: Path, makers: Mapping[str, tuple[Make, int]], *, quick: bool) -> Job:
    """A file for each patient, in a new folder each turn."""
    turn = Turn(folder / "files")
    own = _fewer(AT_ONCE, quick)
    ways = [Way("clinicpress", turn.batch(lambda place: ours(list(patients(own)), place)), each=own, clear=turn.clear)]
    ours(list(patients(min(own, 100))), (bytes_from := turn.new()))
    made = [path.read_bytes() for path in sorted(bytes_from.rglob("*.pdf"))]
    turn.clear()
    limit = _fewer(FAST, quick)
    ways.append(
        Way(
            "plain writing of our bytes",
            turn.batch(lambda place: _write(made, limit, place)),
            each=limit,
            clear=turn.clear,
            fair=False,
        )
    )
    for name, (make, count) in makers.items():
        each = _fewer(count, quick)
        ways.append(Way(name, turn.batch(_each(make, each)), each=each, clear=turn.clear))
    return Job(FILES, tuple(ways), many=True)


def _fewer(count: int, quick: bool) -> int:
    return max(count // QUICK, 2) if quick else count


def _each(make: Make, count: int) -> Callable[[Path], None]:
    """A file for each patient, made one by one."""
    people = list(patients(count))

    def work(place: Path) -> None:
        for number, values in enumerate(people):
            (place / f"{number:06}.pdf").write_bytes(make(values))

    return work


def _write(made: list[bytes], count: int, place: Path) -> None:
    """Writes bytes that are there already as new files."""
    for number in range(count):
        file = os.open(place / f"{number:06}.pdf", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, made[number % len(made)])
        os.close(file)


def _makers(order: Order, folder: Path, open_until_done: ExitStack) -> Iterator[tuple[str, tuple[Make, int]]]:
    """Those that make a form for one patient, ready to work, and how many patients a turn of theirs has."""
    sheet, form = to_html(order), form_of(order)
    page = as_files(sheet.html, sheet.assets, folder / "many")
    html = page.read_text(encoding="utf-8")

    def rendered(values: Values) -> bytes:
        filled = filled_html(html, entered(values, order.document))
        return bytes(weasyprint.HTML(string=filled, base_url=str(page)).write_pdf(pdf_variant="pdf/ua-1"))

    yield "WeasyPrint, naive: rendered for each", (rendered, SLOW // 2)

    source = folder / "form.typ"
    source.write_text(in_typst.markup(form), encoding="utf-8")
    typst = in_typst.Press(source, ROOT / "fonts")
    yield "Typst", (lambda values: typst.make(entered(values, order.document)), MIDDLE)

    reportlab = in_reportlab.Press(form, ROOT / "fonts", PAGES)
    yield "ReportLab", (lambda values: reportlab.make(entered(values, order.document)), SLOW)

    filling = Filling(order)
    yield "pikepdf, filling an ordinary form", (lambda values: filling.make(with_pikepdf, values, paper=False), MIDDLE)
    yield "PyMuPDF, filling an ordinary form", (lambda values: filling.make(with_pymupdf, values, paper=False), SLOW)
    yield "pypdf, filling an ordinary form", (lambda values: filling.make(with_pypdf, values, paper=False), SLOW // 2)

    if in_chromium.PROGRAM is None:
        return
    chromium = open_until_done.enter_context(in_chromium.Press(form, page))
    yield "Chromium", (lambda values: chromium.make(entered(values, order.document)), SLOW)


class Filling:
    """The ordinary form, as others fill it."""

    def __init__(self, order: Order) -> None:
        self._document = order.document
        blank = replace(order, rendition=Rendition.FILLABLE)
        self._form = ordinary(complete(lay_out(blank), blank).pdf)

    def make(self, fill: Callable[[bytes, Entries, bool], bytes], values: Values, *, paper: bool) -> bytes:
        """The form with these values."""
        options = {field.name for field in self._document.fields() if field.options}
        entries = {ordinary_name(name): text for name, text in entered(values, self._document).items()}
        numbered = {ordinary_name(name) for name in options}
        texts = {name: text for name, text in entries.items() if name not in numbered}
        return fill(self._form, Entries(texts, {name: int(entries[name]) for name in numbered & entries.keys()}), paper)


def _merged(order: Order, folder: Path, *, quick: bool) -> Job:
    """One file for all patients; what is judged is one of two patients, for veraPDF reads page by page."""
    filling = Filling(order)
    path = folder / "print.pdf"
    sheet = to_html(order)
    page = as_files(sheet.html, sheet.assets, folder / "merged")
    html = page.read_text(encoding="utf-8")

    def joined_by_pikepdf(people: list[Values]) -> None:
        with pikepdf.new() as together:
            for values in people:
                with pikepdf.open(BytesIO(filling.make(with_pikepdf, values, paper=True))) as one:
                    together.pages.extend(one.pages)
            together.save(path)

    def joined_by_pypdf(people: list[Values]) -> None:
        together = pypdf.PdfWriter()
        for values in people:
            together.append(BytesIO(filling.make(with_pypdf, values, paper=True)))
        together.write(path)

    def rendered_in_one(people: list[Values]) -> None:
        start, body, end = _around_body(html)
        bodies = (filled_html(body, entered(values, order.document)) for values in people)
        whole = start + "".join(f'<div class="packet">{one}</div>' for one in bodies) + end
        weasyprint.HTML(string=whole, base_url=str(page)).write_pdf(path, pdf_variant="pdf/ua-1")

    def batch(work: Callable[[list[Values]], None], count: int) -> Work:
        work(list(patients(2)))
        sample, people = path.read_bytes(), list(patients(count))

        def done() -> Batch:
            work(people)
            return Batch(sample, path.stat().st_size)

        return done

    ways = []
    for name, work, count in (
        ("clinicpress", lambda people: ours_merged(people, path), MERGED_AT_ONCE),
        ("pikepdf, filled forms joined", joined_by_pikepdf, SLOW),
        ("pypdf, filled forms joined", joined_by_pypdf, SLOW // 4),
        ("WeasyPrint, all in one", rendered_in_one, SLOW // 4),
    ):
        each = _fewer(count, quick)
        ways.append(Way(name, batch(work, each), each=each, clear=lambda: path.unlink(missing_ok=True)))
    return Job(MERGED, tuple(ways), many=True)


def _around_body(html: str) -> tuple[str, str, str]:
    """A page in three: what stands before its text, the text, and what stands behind it. Each patient starts a page."""
    match = re.fullmatch(r"(.*<body[^>]*>)(.*)(</body>.*)", html, re.DOTALL)
    if match is None:
        raise ValueError("the page has no body")
    start, body, end = match.groups()
    return start.replace("</head>", "<style>.packet + .packet { break-before: page }</style></head>"), body, end
