"""Pages as pictures for a screen (the only door to pypdfium2)."""

from io import BytesIO

import pypdfium2

WIDEST = 2400  # pixels: a page across the widest screens
# A page has few colours, so a picture with a palette is a third as long as one without, and written faster. Measured
# on page 1 of the consent form, 960 pixels wide, on one core: all colours 186 kB in 28 ms; a palette by median cut
# (Pillow's own choice) 78 kB in 196 ms, with pixels up to 34 of 255 shades off; by octree 66 kB in 18 ms, up to 15 off.
SHADES = 256  # as many as a palette holds; pages of text use about 60, so fewer would save nothing
OCTREE = 2  # Pillow's number for it
SQUEEZE = 3  # zlib's level: 6 takes twice as long (at 1600 pixels 31 ms for 12) for a fifth less
PAPER = 254  # what the octree makes of white; made white again, or a page would be greyer than what stands around it


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
        picture = bitmap.to_pil().convert("RGB").quantize(SHADES, OCTREE, dither=0)
        picture.putpalette([255 if shade >= PAPER else shade for shade in picture.getpalette() or ()])
        written = BytesIO()
        picture.save(written, "PNG", compress_level=SQUEEZE)
        return written.getvalue()
    finally:
        document.close()
