"""What a scanner reads (the only door to ReportLab).

A code on a blank form says which page of which form it is, and nothing about any person: form number, revision,
language, page and pages.
"""

from functools import lru_cache
from typing import Any

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Group

from clinicpress.documents import Document
from clinicpress.errors import RenderError
from clinicpress.orders import Mark

QUIET_ZONE = 4  # modules without ink around a code. Source: ISO/IEC 18004:2015, 6.3.8
VERSION = 3  # 29 x 29 modules: on 20 mm with its quiet zone a module is 0.54 mm, enough for a fax
ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")  # the letters of the compact mode
MAX_TEXT = 47  # characters of version 3, level Q, in upper case. Source: ISO/IEC 18004:2015, table 7


def page_code(document: Document, page: int, pages: int) -> Mark:
    """The code of one page (counted from 1) of a blank form, as a QR code of level Q.

    It reads `NT-C1 F197B18B EN 1/4`. Raises `RenderError` when the form number is too long for the code.
    """
    text = f"{document.form} {document.revision} {document.language} {page}/{pages}".upper()
    if len(text) > MAX_TEXT or not ALPHANUMERIC.issuperset(text):
        message = f"The form number '{document.form}' is too long for the code on the page. Take at most 20 characters."
        raise RenderError(message)
    return _drawn(text)


@lru_cache(maxsize=200)
def _drawn(text: str) -> Mark:
    """The code of a text. It is the same for every patient, and drawing it takes longer than filling a form."""
    widget = QrCodeWidget(text, barLevel="Q", barBorder=QUIET_ZONE, qrVersion=VERSION, barWidth=1, barHeight=1)
    return Mark(text, tuple(_bars(widget.draw())))  # type: ignore[no-untyped-call]


def _bars(group: Group) -> list[tuple[float, float, float, float]]:
    """The dark bars of ReportLab's drawing, which also holds an unfilled rectangle for the whole place."""
    shapes: list[Any] = group.contents  # the stubs know only what all shapes have in common
    bars = [shape for shape in shapes if shape.fillColor is not None]
    if not bars:
        raise RenderError("The code came out empty. This is a fault of the program: please report it.")
    return [(round(bar.x, 6), round(bar.y, 6), round(bar.width, 6), round(bar.height, 6)) for bar in bars]
