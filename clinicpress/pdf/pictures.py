"""Pages as pictures for a screen (the only door to pypdfium2)."""

from io import BytesIO

import pypdfium2

WIDEST = 2400  # pixels: a page across the widest screens
DARKEST_LOSS = 64  # shades kept of a page: text and line drawings need no more, and the picture is half as long


def draw_page(pdf: bytes, page: int, width: int) -> bytes:
    """One page of a PDF (counted from 1) as a PNG, `width` pixels wide; values in form fields are drawn too.

    Raises `ValueError` for a page that is not there.
    """
    width = min(width, WIDEST)
    document = pypdfium2.PdfDocument(pdf)
    try:
        document.init_forms()
        if not 1 <= page <= len(document):
            raise ValueError("no such page")
        sheet = document[page - 1]
        bitmap = sheet.render(scale=width / sheet.get_width(), may_draw_forms=True)
        picture = bitmap.to_pil().convert("RGB").quantize(DARKEST_LOSS, dither=0)
        written = BytesIO()
        picture.save(written, "PNG", optimize=False, compress_level=6)
        return written.getvalue()
    finally:
        document.close()
