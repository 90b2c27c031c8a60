"""The proof of every finished document, before anybody gets its bytes; and of the standards that it claims (pikepdf).

It looks at the finished bytes, with another program's eyes (`ink`), and at the document itself. Nobody is given a
document that does not pass: each fault names file, line and what to do.

What can be seen without a validator, at each rendering; veraPDF says the rest in the tests.
Source: ISO 19005-3, 6.1.13 (numbers), 6.2.4 (colours), 6.2.11.4 (fonts).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from clinicpress.documents import spot_of
from clinicpress.errors import Fault, ProofError
from clinicpress.orders import Order, Rendition
from clinicpress.pdf.evidence import PageElement, gather, read_page, shortened
from clinicpress.pdf.ink import read_ink
from clinicpress.pdf.pages import Pages
from clinicpress.pdf.proof_forms import prove_form, prove_together
from clinicpress.pdf.proof_places import prove_places
from clinicpress.pdf.proof_words import prove_words
from clinicpress.pdf.tags import content_number


def prove(  # noqa: PLR0917  what a document is made of
    pdf: bytes,
    html: str,
    pages: Pages,
    owners: Mapping[tuple[int, int], tuple[str, bool]],
    order: Order,
    entries: Sequence[Mapping[str, object]],
    *,
    codes: bool,
) -> list[Fault]:
    """What is wrong with a finished document, sorted by file and line; nothing when all is well.

    `html` and `pages` are what it was made of, `owners` says whose each marked content is (`structure.Tagged`), and
    `entries` are its places to write, as the manifest has them. `codes`: whether its pages carry codes. A document with
    a patient's values is proved like any other, and no message holds a value. Raises what `read_ink` raises.
    """
    evidence = gather(read_ink(pdf), html, pages, owners, order)
    prove_words(evidence)
    prove_places(evidence, entries, codes=codes)
    prove_together(evidence)
    prove_form(evidence, entries, fillable=order.rendition is Rendition.FILLABLE)
    found = sorted(set(evidence.faults), key=lambda one: (one.file, one.line, one.page, one.kind, one.message))
    first: dict[tuple[str, str, str], Fault] = {}
    for one in found:  # head and foot say the same on every page: once is enough
        first.setdefault((one.kind, one.element, one.message), one)
    return list(first.values())


def refuse(faults: Sequence[Fault]) -> None:
    """Raises `ProofError` when there is a fault."""
    if faults:
        raise ProofError(faults)


SUSPECT = (b" k\n", b" K\n", b"DeviceCMYK", b"nan", b"NaN", b"NAN", b"inf", b"Inf", b"INF", b"e+", b"E+", b"e-", b"E-")
LONG = re.compile(rb"[\s\[-](?:\d{10}|[\d.]+[eE])")
"""What a number that is none, or a colour in four inks, would look like; where one is seen, a closer look follows."""
FOUR_INKS = {"k", "K"}
OPERATORS = re.compile(
    r"[bBfWST]\*?|BDC|BI|BMC|BT|BX|cm?|CS|cs|d|d0|d1|Do|DP|EI|EMC|ET|EX|F|gs?|G|h|i|ID|[jJkKlmMnqQsvwy'\"]|MP|re|RG|rg|ri"
    r"|SCN?|scn?|sh|T[cdDfjJLmrswz]|INLINE IMAGE"
)
"""Source: ISO 32000-1, annex A."""
MEASURES = ("/MediaBox", "/BBox", "/Rect", "/Matrix", "/Coords", "/C0", "/C1", "/Domain", "/Bounds", "/QuadPoints")
WATCHED = frozenset(
    (*MEASURES, "/ColorSpace", "/Font", "/XObject", "/FontName", "/FontFile", "/FontFile2", "/FontFile3", "/Subtype")
)
LARGEST = 1e6  # points: no page of ours is a thousandth as wide
GREYS_AND_COLOURS = {"/DeviceGray", "/DeviceRGB", "/CalGray", "/CalRGB", "/ICCBased", "/Lab"}
SAVE_ANEW = "Save it again: a photo as JPEG or PNG in RGB, a drawing as plain SVG with whole numbers."


def prove_standards(
    pdf: pikepdf.Pdf, html: str, owners: Mapping[tuple[int, int], tuple[str, bool]], order: Order
) -> list[Fault]:
    """What in a document, still in memory, breaks the standards that it claims, with the line of its picture."""
    found = [*_in_pages(pdf), *_in_objects(pdf)]
    if not found:
        return []
    elements = {one.name: one for one in read_page(html, order.document.language)[0]}
    faults = []
    for what, page, mcid in found:
        element = elements.get(owners.get((page, mcid), ("", False))[0])
        faults.append(_fault(order, what, page, element))
    return faults


def _fault(order: Order, what: str, page: int, element: PageElement | None) -> Fault:
    """A fault of the picture that is meant, as far as that is known."""
    document = order.document
    if order.second is not None and element is not None and element.language == order.second.language:
        document = order.second
    line = element.line if element is not None and element.line else document.lines.get("title", 1)
    words = element.node.get("alt", "") if element is not None else ""
    where = f"The picture '{shortened(words)}'" if words else "A picture or a part of the page"
    message = f"{where} {what}, so the file would not keep the standards that it claims."
    file, line = spot_of(document, line)
    return Fault("standard", message, line, page + 1, element.name if element else "", str(file), SAVE_ANEW)


def _in_pages(pdf: pikepdf.Pdf) -> Iterator[tuple[str, int, int]]:
    """What is wrong in the content of the pages: what, on which page (from 0), in which marked content."""
    for number, page in enumerate(pdf.pages):
        held = page.obj.get("/Contents", Array())
        streams = list(held) if isinstance(held, Array) else [held]
        if any(_suspect(one.read_bytes()) for one in streams):
            yield from ((what, number, mcid) for what, mcid in _in_content(page))


def _suspect(content: bytes) -> bool:
    return any(mark in content for mark in SUSPECT) or LONG.search(content) is not None


def _instructions(stream: pikepdf.Page | pikepdf.Object) -> Iterator[tuple[str, list[pikepdf.Object], int]]:
    """The instructions of one content: what is done, with what, and in which marked content (-1: none)."""
    marks: list[int] = []
    for instruction in pikepdf.parse_content_stream(stream):
        operator, operands = str(instruction.operator), list(instruction.operands)
        if operator in ("BMC", "BDC"):
            mcid = content_number(operands)
            marks.append(mcid if mcid is not None else marks[-1] if marks else -1)
        elif operator == "EMC" and marks:
            marks.pop()
        yield operator, operands, marks[-1] if marks else -1


def _in_content(stream: pikepdf.Page | pikepdf.Object) -> Iterator[tuple[str, int]]:
    """What is wrong in one content: looked at instruction by instruction."""
    for operator, operands, mcid in _instructions(stream):
        if not OPERATORS.fullmatch(operator) or any(not _sound(one) for one in operands):
            yield "has a number that is none", mcid
        elif operator in FOUR_INKS or any(one == Name.DeviceCMYK for one in operands):
            yield "has colours in four inks (CMYK)", mcid


def _sound(operand: object) -> bool:
    """Whether an operand is no number, or one that every program can read."""
    try:
        return abs(float(str(operand))) < LARGEST
    except ValueError:
        return True


def _in_objects(pdf: pikepdf.Pdf) -> Iterator[tuple[str, int, int]]:
    """What is wrong in the pictures, shapes and fonts of a file."""
    for thing in pdf.objects:
        if not isinstance(thing, Dictionary | Stream):
            continue
        what = _wrong(thing)
        if what:
            page, mcid = _user(pdf, thing)
            yield what, page, mcid


def _wrong(thing: pikepdf.Object) -> str:
    """What is wrong with an object; empty when nothing is."""
    keys = WATCHED.intersection(thing.keys())
    if "/ColorSpace" in keys and keys.isdisjoint(("/Font", "/XObject")) and not _plain(thing.ColorSpace):
        return "has colours in four inks (CMYK), or of a kind that not every program knows"
    for key in keys.intersection(MEASURES):
        values = thing[key]
        if isinstance(values, Array) and not all(map(_number, values)):
            return "has a number that is none"
    if "/FontName" in keys and keys.isdisjoint(("/FontFile", "/FontFile2", "/FontFile3")):
        return "is written in a font that is not in the file"
    if "/Subtype" in keys and thing.Subtype == Name.Form and _suspect(thing.read_bytes()):
        return next((what for what, _ in _in_content(thing)), "")
    return ""


def _number(value: object) -> bool:
    """Whether a value is a number of ordinary size."""
    try:
        return abs(float(value)) < LARGEST  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def _plain(space: pikepdf.Object) -> bool:
    """Whether a colour space is one of grey or of red, green and blue. A table of colours has a base of its own."""
    if isinstance(space, Name):
        return str(space) in GREYS_AND_COLOURS
    if not isinstance(space, Array) or not len(space):
        return False
    kind = str(space[0])
    if kind in ("/Indexed", "/Pattern"):
        return len(space) < 2 or _plain(space[1])
    if kind == "/ICCBased":
        return int(space[1].get("/N", 0)) in (1, 3)
    return kind in GREYS_AND_COLOURS


def _user(pdf: pikepdf.Pdf, thing: pikepdf.Object) -> tuple[int, int]:
    """On which page (from 0), and in which marked content, a picture is drawn; (-1, -1) when it is not drawn itself."""
    for number, page in enumerate(pdf.pages):
        drawn = page.obj.get("/Resources", Dictionary()).get("/XObject", Dictionary())
        names = {name for name, one in drawn.items() if one.objgen == thing.objgen}
        for operator, operands, mcid in _instructions(page) if names else ():
            if operator == "Do" and str(operands[0]) in names:
                return number, mcid
    return -1, -1
