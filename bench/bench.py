"""Measures how fast documents are made, side by side with the plain tool in the same run (`make bench`).

Seconds differ from machine to machine and from hour to hour; what counts is the ratio. The two commands take turns
(A B A B …), and the median of the ratios is given.
"""

import argparse
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import pikepdf  # noqa: E402  the product is run from its folder, not installed
import weasyprint  # noqa: E402

from clinicpress import library  # noqa: E402
from clinicpress.clinics import Asset, PageProfile, Paper, Print  # noqa: E402
from clinicpress.markup import to_html  # noqa: E402
from clinicpress.orders import Order  # noqa: E402
from clinicpress.press import produce  # noqa: E402


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes by the wall clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def taking_turns(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> tuple[float, float, float]:
    """Medians of both in seconds, and of ours / theirs round by round. The first round warms up and does not count."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds + 1)][1:]
    return (
        statistics.median(own for own, _ in pairs),
        statistics.median(other for _, other in pairs),
        statistics.median(own / other for own, other in pairs),
    )


def as_files(html: str, assets: Mapping[str, Asset], folder: Path) -> Path:
    """Writes a page and its files so that any HTML tool can open it."""
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


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    fonts = library.read_fonts(ROOT / "fonts")
    clinic = library.read_clinic(ROOT / "clinic.toml", {face.family for face in fonts})
    print(
        f"{date.today():%Y-%m-%d}, Python {platform.python_version()}, WeasyPrint {weasyprint.__version__}, "  # noqa: DTZ011
        f"pikepdf {pikepdf.__version__}; {rounds} rounds in turns; ratio = clinicpress / bare WeasyPrint\n"
    )
    print(f"{'job':<44}{'clinicpress':>12}{'bare':>9}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as name:
        for kind in ("handout", "consent"):
            folder = Path(name) / kind
            folder.mkdir()
            document = library.read_document(ROOT / "handouts" / "neurotherapy" / f"{kind}.en.md")
            order = Order(document, clinic, PageProfile(Paper.LETTER, Print.STANDARD), fonts)
            sheet = to_html(order)
            page = as_files(sheet.html, sheet.assets, folder)
            target = folder / "bare.pdf"
            ours = [sys.executable, str(ROOT / "generate.py"), "build", "--kind", kind, "--out", str(folder / "out")]
            bare = [sys.executable, str(ROOT / "bench" / "bare.py"), str(page), str(target)]

            def run(command: list[str]) -> None:
                subprocess.run(command, check=True, capture_output=True, cwd=ROOT)

            def render(page: Path = page, target: Path = target) -> None:
                weasyprint.HTML(page).write_pdf(target, pdf_variant="pdf/ua-1")

            cold = taking_turns(lambda: run(ours), lambda: run(bare), rounds)  # noqa: B023  used in this turn of the loop
            warm = taking_turns(lambda: produce(order), render, rounds)  # noqa: B023
            for label, (own, other, ratio) in (("cold process", cold), ("warm, in one process", warm)):
                print(f"{kind + ', ' + label:<44}{own * 1000:>9.0f} ms{other * 1000:>6.0f} ms{ratio:>8.2f}")


if __name__ == "__main__":
    main()
