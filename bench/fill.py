"""Jobs of filling: the same values into the same places of one consent form, from empty form to filled form in memory.

Ours is a plate that was cut before, as a batch fills it, for another patient each time; beside it the full rendering,
for values that no plate can set.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from bench import packets
from bench.orders import shipped
from bench.peers import Entries, Fill, ordinary, ordinary_name, with_pikepdf, with_pymupdf, with_pypdf
from bench.proof import Place, faults
from bench.turns import Job, Way, Work
from clinicpress.cache import NO_CACHE
from clinicpress.orders import Order, Rendition
from clinicpress.press.plates import Plates
from clinicpress.press.press import complete, lay_out
from clinicpress.visits import Encounter

# Invented. All letters are of Windows-1252: the others write no further ones with the font that they have.
VALUES = {
    "patient.name": "Zoë Example",
    "patient.birth_date": "Apr 9, 1961",
    "patient.mrn": "0012345",
    **packets.VALUES,
    "teach_back.procedure": "ZE",
    "teach_back.benefit_and_risk": "ZE",
    "teach_back.alternatives": "ZE",
    "teach_back.when_to_call": "ZE",
    "attestation.decision": "agree",
    "patient.printed_name": "Zoë Example",
    "patient.signed_date": "Nov 24, 2026",
    "patient.signed_time": "10:15",
    "clinician.signed_date": "Nov 24, 2026",
}


def another(values: Mapping[str, str], number: int) -> dict[str, str]:
    """Another invented patient: nothing that was made for the last one can be handed out again."""
    return {**values, "patient.name": f"{values['patient.name']} {number}", "patient.mrn": f"{number:07}"}


FURTHER_LETTERS = {**VALUES, "patient.name": "Đặng Thị Ngọc Ánh", "patient.printed_name": "Đặng Thị Ngọc Ánh"}
PEERS: dict[str, Fill] = {
    "PyMuPDF, ordinary form": with_pymupdf,
    "pypdf, ordinary form": with_pypdf,
    "pikepdf, ordinary form": with_pikepdf,
}


def jobs(_folder: Path, *, quick: bool) -> Iterator[Job]:  # noqa: ARG001  no job here has fewer patients
    """Filling with fields that stay, and filling that makes paper.

    Each result is looked at first. What another program does wrong is told in the table; our own faults stop the bench.
    """
    blank = replace(shipped("consent"), rendition=Rendition.FILLABLE)
    layout = lay_out(blank)
    empty = complete(layout, blank)
    places: tuple[Place, ...] = empty.about["fields"]
    options = {name: [one["option"] for one in places if one["name"] == name and "option" in one] for name in VALUES}
    own = Entries(
        {name: value for name, value in VALUES.items() if not options[name]},
        {name: options[name].index(value) for name, value in VALUES.items() if options[name]},
    )
    plain = Entries(
        {ordinary_name(name): text for name, text in own.texts.items()},
        {ordinary_name(name): number for name, number in own.buttons.items()},
    )
    form = ordinary(empty.pdf)

    plates = Plates(NO_CACHE)

    def ordered(rendition: Rendition, values: Mapping[str, str]) -> Order:
        return replace(blank, rendition=rendition, encounter=Encounter(values, "bench"))

    def ours(rendition: Rendition, values: Mapping[str, str]) -> Work:
        people = chain([values], (another(values, number) for number in count(1)))

        def filled() -> bytes:
            made = plates.fill(ordered(rendition, next(people)))
            return made.pdf

        return filled

    def in_full(rendition: Rendition, values: Mapping[str, str]) -> Work:
        order = ordered(rendition, values)
        return lambda: complete(layout, order).pdf

    def theirs(fill: Fill, form: bytes, entries: Entries, *, paper: bool) -> Work:
        return lambda: fill(form, entries, paper)

    for rendition, name in ((Rendition.FILLABLE, "fill, fields stay"), (Rendition.PAPER, "fill, made paper")):
        paper = rendition is Rendition.PAPER
        ways = [Way("clinicpress", ours(rendition, VALUES))]
        ways += [Way(peer, theirs(fill, form, plain, paper=paper)) for peer, fill in PEERS.items()]
        ways += [Way("pikepdf, our fillable form", theirs(with_pikepdf, empty.pdf, own, paper=paper))]
        ways = [replace(way, faults=tuple(faults(way.work(), VALUES, places, paper=paper))) for way in ways]
        further = Way("clinicpress, a Vietnamese name", ours(rendition, FURTHER_LETTERS))
        missed = [*ways[0].faults, *faults(further.work(), FURTHER_LETTERS, places, paper=paper)]
        if missed:
            raise SystemExit(f"clinicpress itself did not fill the form: {'; '.join(missed)}.")
        full = Way("clinicpress, from its pages in full", in_full(rendition, VALUES))
        yield Job(f"{name}, {len(VALUES)} values", (*ways, further, full))
