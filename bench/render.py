"""Jobs of rendering: one document from its text to a PDF, against WeasyPrint alone on the same HTML."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import weasyprint

from bench.orders import ROOT, shipped
from bench.turns import Job, Way, Work
from clinicpress.clinics import Asset
from clinicpress.markup import to_html
from clinicpress.orders import Order
from clinicpress.press import produce


def jobs(folder: Path) -> Iterator[Job]:
    """Each document in a process of its own, and once more where everything is loaded. Files go into the folder."""
    for kind in ("handout", "consent"):
        order = shipped(kind)
        sheet = to_html(order)
        page = as_files(sheet.html, sheet.assets, folder / kind)
        out, bare = folder / kind / "out", folder / kind / "bare.pdf"
        ours = [sys.executable, str(ROOT / "generate.py"), "build", "--no-cache", "--kind", kind, "--out", str(out)]
        if kind == "consent":
            ours.append("--paper-form")  # one document, as WeasyPrint makes one
        theirs = [sys.executable, str(ROOT / "bench" / "bare.py"), str(page), str(bare)]

        yield Job(
            f"{kind}, cold process",
            (
                Way("clinicpress", _cold(ours, out / "neurotherapy" / f"{kind}.en.pdf")),
                Way("WeasyPrint alone", _cold(theirs, bare)),
            ),
        )
        yield Job(f"{kind}, warm", (Way("clinicpress", _produced(order)), Way("WeasyPrint alone", _rendered(page))))


def _cold(command: list[str], made: Path) -> Work:
    """A program that is started anew, and the file that it writes."""

    def work() -> bytes:
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
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
