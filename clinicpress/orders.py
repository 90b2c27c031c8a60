"""What is asked of the press: one document, for one clinic, on one kind of page; and the marks that it gets there."""

from dataclasses import dataclass

from clinicpress.clinics import ClinicProfile, FontFace, PageProfile
from clinicpress.documents import Document


@dataclass(frozen=True, slots=True)
class Order:
    """One document to print: its text, the clinic that hands it out, the page, and the fonts that may be used."""

    document: Document
    clinic: ClinicProfile
    page: PageProfile
    fonts: tuple[FontFace, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A code that a scanner reads, ready to be drawn: what it says, and its dark bars.

    A bar is (left, bottom, width, height) on a square of 1 x 1, origin at the bottom left corner, quiet zone included.
    """

    text: str
    bars: tuple[tuple[float, float, float, float], ...]
