"""Every printed file is PDF/UA-1 and PDF/A-3a at once; and a file that is not is failed by the same check.

A pass is not yet an accessible document: test_text, test_tags, test_viewers and test_legibility read it in other ways.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from tests.instruments import verapdf
from tests.prints import CONSENT, EVERYTHING, HANDOUT, USUAL, Library, Printed, Wanted, each

Findings = dict[Path, list[str]]


@pytest.mark.parametrize("printed", each(EVERYTHING), indirect=True)
def test_verapdf_passes_it_as_pdf_ua_1_and_pdf_a_3a(printed: Printed) -> None:
    assert verapdf.validate([printed.path], verapdf.FLAVOURS) == {printed.path: []}


def test_the_manifest_claims_the_standards_that_were_tested(library: Library) -> None:
    assert {tuple(one.facts["standards"]) for one in library.values()} == {("PDF/UA-1", "PDF/A-3a")}
    assert verapdf.FLAVOURS == ("ua1", "3a")


def test_any_two_choices_meet_in_a_document_that_is_looked_at() -> None:
    def pairs(documents: Sequence[Wanted]) -> set[tuple[object, ...]]:
        choices = [[(name, getattr(one, name)) for name in ("clinic", "kind", "print", "paper")] for one in documents]
        return {pair for one in choices for pair in combinations(one, 2)}

    assert pairs(USUAL) == pairs(EVERYTHING)
    assert pairs(USUAL[1:]) != pairs(EVERYTHING)  # the guard


# Spoiled copies ----------------------------------------------------------------------------------------------------


def elements(pdf: pikepdf.Pdf, role: str) -> list[Any]:
    return [one for one in pdf.objects if isinstance(one, Dictionary) and one.get("/S") == Name("/" + role)]


def in_xmp(pdf: pikepdf.Pdf, old: str, new: str) -> None:
    packet = pdf.Root.Metadata.read_bytes().decode()
    assert old in packet
    pdf.Root.Metadata.write(packet.replace(old, new, 1).encode())


def link(pdf: pikepdf.Pdf) -> Any:
    return next(one for page in pdf.pages for one in page.obj.get("/Annots", []))


def no_uaid(pdf: pikepdf.Pdf) -> None:
    in_xmp(pdf, "<pdfuaid:part>1</pdfuaid:part>", "")


def no_part(pdf: pikepdf.Pdf) -> None:
    in_xmp(pdf, "<pdfaid:part>3</pdfaid:part>", "")


def no_title(pdf: pikepdf.Pdf) -> None:
    packet = pdf.Root.Metadata.read_bytes().decode()
    title = packet[packet.index("<dc:title>") : packet.index("</dc:title>") + len("</dc:title>")]
    in_xmp(pdf, title, "")


def no_lang(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Lang


def no_alternative(pdf: pikepdf.Pdf) -> None:
    del elements(pdf, "Figure")[0].Alt


def no_scope(pdf: pikepdf.Pdf) -> None:
    for head in elements(pdf, "TH"):
        del head.A


def level_skipped(pdf: pikepdf.Pdf) -> None:
    elements(pdf, "H2")[0].S = Name.H3


def item_without_list(pdf: pikepdf.Pdf) -> None:
    elements(pdf, "L")[0].S = Name.Sect


def interpolated(pdf: pikepdf.Pdf) -> None:
    picture = pdf.make_stream(b"\xff\xff\xff")
    picture.Type, picture.Subtype, picture.ColorSpace = Name.XObject, Name.Image, Name.DeviceRGB
    picture.Width = picture.Height = 1
    picture.BitsPerComponent, picture.Interpolate = 8, True
    draw(pdf, b"/Artifact BMC q 1 0 0 1 0 0 cm /Dot Do Q EMC", "XObject", "Dot", picture)


def strange_font(pdf: pikepdf.Pdf) -> None:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    words = b"/Artifact BMC BT /Strange 9 Tf 100 100 Td (not ours) Tj ET EMC"
    draw(pdf, words, "Font", "Strange", pdf.make_indirect(font))


def draw(pdf: pikepdf.Pdf, content: bytes, kind: str, name: str, resource: Any) -> None:
    page = pdf.pages[0]
    if f"/{kind}" not in page.resources:
        page.resources[f"/{kind}"] = Dictionary()
    page.resources[f"/{kind}"][f"/{name}"] = resource
    page.contents_add(content, prepend=False)


def furniture_untagged(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[-1]
    kept, inside = [], False
    for operands, operator in pikepdf.parse_content_stream(page):
        opens = str(operator) in ("BDC", "BMC") and operands[0] == Name.Artifact and len(operands) > 1
        if not opens and not (inside and str(operator) == "EMC"):
            kept.append((operands, operator))
        inside = opens or (inside and str(operator) != "EMC")
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(kept))


def link_without_words(pdf: pikepdf.Pdf) -> None:
    del link(pdf).Contents


def link_outside_the_tree(pdf: pikepdf.Pdf) -> None:
    del link(pdf).StructParent


def link_not_printed(pdf: pikepdf.Pdf) -> None:
    link(pdf).F = 0


def no_tabs(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        del page.obj.Tabs


def no_title_shown(pdf: pikepdf.Pdf) -> None:
    pdf.Root.ViewerPreferences.DisplayDocTitle = False


def not_marked(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.MarkInfo


def no_output_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def attachment_without_relation(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.AF[0].AFRelationship


def script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def no_identifier(pdf: pikepdf.Pdf) -> None:
    """Done on the bytes, because every library writes one."""


@dataclass(frozen=True)
class Spoiled:
    """A way to spoil a file, and the rule that it breaks."""

    spoil: Callable[[pikepdf.Pdf], None]
    rule: str
    wanted: Wanted = HANDOUT

    def __str__(self) -> str:
        return self.spoil.__name__.replace("_", "-")


SPOILED = [
    Spoiled(no_uaid, "ua1 5-1"),
    Spoiled(no_part, "3a 6.6.4-2"),
    Spoiled(no_title, "ua1 7.1-9"),
    Spoiled(no_lang, "ua1 7.2-"),
    Spoiled(no_alternative, "ua1 7.3-1"),
    Spoiled(no_scope, "ua1 7.5-1"),
    Spoiled(no_scope, "ua1 7.5-1", CONSENT),
    Spoiled(level_skipped, "ua1 7.4.2-1"),
    Spoiled(item_without_list, "ua1 7.2-"),
    Spoiled(interpolated, "3a 6.2.8-3"),
    Spoiled(strange_font, "ua1 7.21.4.1-1"),
    Spoiled(furniture_untagged, "ua1 7.1-3"),
    Spoiled(link_without_words, "ua1 7.18.5-2"),
    Spoiled(link_outside_the_tree, "ua1 7.18.5-1"),
    Spoiled(link_not_printed, "3a 6.3.2-2"),
    Spoiled(no_tabs, "ua1 7.18.3-1"),
    Spoiled(no_title_shown, "ua1 7.1-10"),
    Spoiled(not_marked, "ua1 6.2-1"),
    Spoiled(no_output_intent, "3a 6.2.4.3-"),
    Spoiled(attachment_without_relation, "3a 6.8-"),
    Spoiled(script, "3a 6.5.1-1"),
    Spoiled(no_identifier, "3a 6.1.3-1"),
]
NAMES = [f"{one}-{one.wanted.kind}" for one in SPOILED]


@pytest.fixture(scope="module")
def spoiled(library: Library, tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """What veraPDF finds in the spoiled copies, asked once."""
    folder = tmp_path_factory.mktemp("spoiled")
    files = []
    for name, one in zip(NAMES, SPOILED, strict=True):
        file = folder / f"{name}.pdf"
        with pikepdf.open(library[one.wanted].path) as pdf:
            one.spoil(pdf)
            pdf.save(file, deterministic_id=True)
        if one.spoil is no_identifier:
            data = file.read_bytes()
            assert data.count(b"/ID [") == 1
            file.write_bytes(data.replace(b"/ID [", b"/I0 ["))
        files.append(file)
    untouched = folder / "untouched.pdf"
    with pikepdf.open(library[HANDOUT].path) as pdf:
        pdf.save(untouched, deterministic_id=True)
    found: Findings = {}
    for flavour in verapdf.FLAVOURS:  # each file for the standard that it breaks
        broken = [file for file, one in zip(files, SPOILED, strict=True) if one.rule.startswith(flavour)]
        found |= verapdf.validate([*broken, untouched], [flavour])
        assert found[untouched] == []  # what is found in the others is what was spoiled in them
    return [found[file] for file in files]


@pytest.mark.parametrize("number", range(len(SPOILED)), ids=NAMES)
def test_verapdf_fails_a_spoiled_copy(number: int, spoiled: list[list[str]]) -> None:
    assert any(rule.startswith(SPOILED[number].rule) for rule in spoiled[number]), spoiled[number]
