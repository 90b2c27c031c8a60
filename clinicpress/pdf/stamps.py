"""Draws the codes into a finished PDF, when the number of its pages is known.

The page keeps their places free (`PageProfile.code_zones`). A code is one black path, so that no viewer shows seams.
"""

from collections.abc import Sequence

import pikepdf
from pikepdf import Array, Dictionary, Name

from clinicpress.clinics import CODE_SIZE, PageProfile
from clinicpress.orders import Mark


def stamp_codes(pdf: pikepdf.Pdf, profile: PageProfile, codes: Sequence[Mark]) -> None:
    """Puts the code of each page at its two places, as furniture. There is one code for each page, in order."""
    for number, (page, code) in enumerate(zip(pdf.pages, codes, strict=True), 1):
        if "/XObject" not in page.resources:
            page.resources.XObject = Dictionary()
        name = f"/Code{number}"  # WeasyPrint's pages may share one dictionary of resources
        page.resources.XObject[name] = _drawing(pdf, code)
        places = [f"1 0 0 1 {zone.left:.3f} {zone.bottom:.3f} cm {name} Do" for zone in profile.code_zones(number)]
        drawn = "".join(f"/Artifact <</Type /Pagination>> BDC q {place} Q EMC\n" for place in places)
        # WeasyPrint turns the page upside down at its start, so its content is put between q and Q.
        page.contents_add(b"q\n", prepend=True)
        page.contents_add(b"Q\n" + drawn.encode())
        page.contents_coalesce()


def _drawing(pdf: pikepdf.Pdf, mark: Mark) -> pikepdf.Object:
    """A code as a form XObject of the size of its place."""
    bars = [" ".join(f"{value * CODE_SIZE:.3f}" for value in bar) + " re" for bar in mark.bars]
    box = Array([0, 0, CODE_SIZE, CODE_SIZE])
    stream = pdf.make_stream(("0 g\n" + "\n".join(bars) + "\nf\n").encode())
    stream.Type, stream.Subtype, stream.BBox, stream.Resources = Name.XObject, Name.Form, box, Dictionary()
    return stream
