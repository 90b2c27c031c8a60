"""The orders that the bench prints: the shipped documents, for the shipped clinic."""

from pathlib import Path

from clinicpress import library
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.orders import Order

ROOT = Path(__file__).resolve().parents[1]


def shipped(kind: str, language: str = "en") -> Order:
    """The shipped handout or consent form, on Letter, in standard print."""
    fonts = library.read_fonts(ROOT / "fonts")
    clinic = library.read_clinic(ROOT / "clinic.toml", {face.family for face in fonts})
    documents, _ = library.read_library(ROOT / "handouts", ["neurotherapy"])
    document = next(one for one in documents if one.kind == kind and one.language == language)
    return Order(document, clinic, PageProfile(Paper.LETTER, Print.STANDARD), fonts)
