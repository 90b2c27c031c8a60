"""Consent forms that tests fill: the shipped text, with or without an author's own fields, and an invented patient.

Each is laid out once a run of the tests, and made once a session, for whichever test asks first.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf

from clinicpress import library
from clinicpress.cache import NO_CACHE
from clinicpress.clinics import PageProfile, Paper, Print
from clinicpress.issued import Issued
from clinicpress.orders import Order, Rendition
from clinicpress.press.press import Layout, complete, lay_out
from clinicpress.visits import Encounter

ROOT = Path(__file__).resolve().parents[1]
TOPIC = "neurotherapy"
kept = NO_CACHE  # until a run of the tests names one, which all its processes share
VALUES = {
    "patient.name": "Đặng Thị Ngọc Ánh Łukasiewicz-Żółkiewska",
    "patient.birth_date": "Apr 9, 1961",
    "patient.mrn": "0012345",
    "encounter.reason": "My knee hurts on the stairs, and pills upset my stomach. I want to garden again.",
    "encounter.side": "Left",
    "attestation.decision": "agree",
}
# An author's own fields, of the kinds that no standard block has, on the third page. A block goes, to make room.
OWN_FIELDS = """
::: fields
- At work: tick {contact.at_work} third
- Call me at: list(Morning, Noon, Evening) {contact.time} third required
- Telephone: text {contact.phone} max=20 third
:::
"""
DROPPED = "  - teach-back\n"
BEHIND = "the likely total before you sign.\n"
OWN_VALUES = VALUES | {"contact.at_work": "yes", "contact.time": "Noon", "contact.phone": "+49 40 5550 0123"}


@cache
def order(own: bool = False) -> Order:
    """The order of the empty fillable form; `own` adds an author's own fields."""
    fonts = library.read_fonts(ROOT / "fonts")
    clinic = library.read_clinic(ROOT / "clinic.toml", {face.family for face in fonts})
    with TemporaryDirectory() as folder:
        handouts = shutil.copytree(ROOT / "handouts", Path(folder) / "handouts")
        if own:
            text = handouts / TOPIC / "consent.en.md"
            before = text.read_text(encoding="utf-8")
            assert BEHIND in before
            assert DROPPED in before
            after = before.replace(BEHIND, BEHIND + OWN_FIELDS).replace(DROPPED, "")
            text.write_text(after, encoding="utf-8")
        documents, problems = library.read_library(handouts, [TOPIC])
    assert not problems
    form = next(one for one in documents if one.kind.is_form)
    return Order(form, clinic, PageProfile(Paper.LETTER, Print.STANDARD), fonts, Rendition.FILLABLE)


@cache
def layout(own: bool = False) -> Layout:
    """The form in pages, before it is finished."""
    return lay_out(order(own), cache=kept)


def made(rendition: Rendition, values: Mapping[str, str], own: bool = False) -> Issued:
    """The form with fields or on paper, empty or filled."""
    return complete(layout(own), replace(order(own), rendition=rendition, encounter=Encounter(values, "test")))


def widgets(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Object]]:
    """The places to type and tick of all pages, each with the whole name of its field."""
    for page in pdf.pages:
        for widget in page.obj.get("/Annots", ()):
            if widget.Subtype == "/Widget":
                above = [widget]
                while "/Parent" in above[-1]:
                    above.append(above[-1].Parent)
                yield ".".join(str(one.T) for one in reversed(above) if "/T" in one), widget
