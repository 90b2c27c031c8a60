"""Takes a plate apart for a print job: what all patients share, and the patterns of what each has of their own.

Each patient's document has its own pages, links and elements of the tag tree, for they point at each other; all that
they point at beside (letters, pictures, what is printed on a page) goes into the job once, however many plates hold it.
Source: ISO 32000-1, 7.7.3 (pages), 14.7 (the tag tree).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeAlias

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from clinicpress.clinics import FontFace
from clinicpress.errors import RenderError
from clinicpress.pdf import syntax
from clinicpress.pdf.foreign import flatten
from clinicpress.pdf.plate import SAMPLE, Plate

_Key: TypeAlias = tuple[int, int]
_ROOT_KEYS = {
    *("/Type", "/Pages", "/Metadata", "/Lang", "/MarkInfo", "/ViewerPreferences", "/StructTreeRoot", "/OutputIntents"),
    *("/AF", "/Names", "/Outlines"),
}
"""What the catalogue of a document may hold; the job says all of it itself, and leaves out the outline."""
_ELEMENT_KEYS = ("/Type", "/S", "/P", "/Pg", "/K")
_MOST_ABOVE = 50  # nodes above a page; a tree of a million pages needs three
_FAULT = "This is a fault of the program: please report it."


@dataclass(frozen=True, slots=True)
class Pattern:
    """An object that each patient has: its bytes with a gap for each reference, and which own object goes there."""

    text: bytes
    gaps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PagePattern:
    """A page that each patient has. Its gaps are the parent, drawings by place, own links, and the key of its tags."""

    text: bytes
    places: tuple[int, ...]
    links: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mould:
    """A plate taken apart. A patient's own objects are counted: first the pages, then the links, then the elements.

    The first element is that of the whole document. `rows` say for each page whose its marked content is, `linked` for
    each link. `fonts` are the simple fonts of the places, by their number in the plate. `intents` are the output
    intents, and `files` the enclosed files by their names. `back` is an empty page, for a document whose last page has
    nothing on its back: the next one begins on a sheet of its own. Its gap is the parent.
    """

    pages: tuple[PagePattern, ...]
    links: tuple[bytes, ...]
    elements: tuple[Pattern, ...]
    rows: tuple[Pattern, ...]
    linked: tuple[int, ...]
    fonts: Mapping[int, int]
    language: str
    intents: bytes
    files: Mapping[str, int]
    back: bytes

    @property
    def own(self) -> int:
        """How many objects each patient has."""
        return len(self.pages) + len(self.links) + len(self.elements)

    @property
    def keys(self) -> int:
        """How many places in the table that leads from the pages back to the tags."""
        return len(self.pages) + len(self.links)


@dataclass(frozen=True, slots=True)
class SharedStore:
    """Where shared things go: functions that store an object or a stream once, and say its number.

    `name_file` gives an enclosed file its name in the job, by the number of its data.
    """

    store: Callable[[bytes], int]
    store_stream: Callable[[bytes, bytes], int]
    name_file: Callable[[int], str]


def take_apart(plate: Plate, faces: tuple[FontFace, ...], shelf: SharedStore, top: int) -> Mould:
    """Takes a plate apart; `top` is the number of the element that holds all documents of the job.

    Raises `RenderError` for a form that is filled in on a screen, and for what no plate of ours should be.
    """
    if plate.holders:
        raise RenderError(
            "A form to fill in on a screen cannot go into a print job, for its fields would be one with those of the "
            "next patient. Print the paper form."
        )
    sample = plate.prefix + plate.tail({place.name: SAMPLE for place in plate.places}, faces)
    with pikepdf.open(BytesIO(sample)) as pdf:
        unknown = sorted(set(pdf.Root.keys()) - _ROOT_KEYS)
        unknown += sorted(set(pdf.Root.get("/Names", Dictionary()).keys()) - {"/EmbeddedFiles"})
        if unknown:
            raise RenderError(f"A print job does not know what to do with {', '.join(unknown)}. {_FAULT}")
        return _Bench(pdf, plate, shelf).mould(top)


_OF_A_PAGE = ("/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/Group", "/UserUnit")
_FROM_ABOVE = _OF_A_PAGE[:4]  # what a page may have from those above it. Source: ISO 32000-1, table 30


def take_whole(data: bytes, language: str, title: str, shelf: SharedStore, top: int) -> Mould:
    """Somebody else's file as a part of a job: its pages as they are, what stands in its places drawn on them.

    Its tags and links stay behind: a job is for a printer. Raises `RenderError` for what no page can hold by itself.
    """
    with pikepdf.open(BytesIO(data)) as pdf:
        if "/OCProperties" in pdf.Root:
            raise RenderError(f"'{title}' has layers, which a print job cannot switch on and off. Print it by itself.")
        flatten(pdf)
        shared = _Shared(pdf, {}, shelf)
        try:
            pages = tuple(_taken(page.obj, shared) for page in pdf.pages)
            back = _empty_like(_from_above(pdf.pages[-1].obj, "/MediaBox"), shared) if len(pages) % 2 else b""
        except (RenderError, RecursionError) as error:
            raise RenderError(f"The pages of '{title}' are tied in a circle. Print it by itself.") from error
    said = syntax.text_string(language), syntax.text_string(title)
    part = b"<</S/Part/P %d 0 R/Lang %b/T %b>>" % (top, *said)
    untagged = (Pattern(b"[]", ()),) * len(pages)
    return Mould(pages, (), (Pattern(part.replace(b"%", b"%%"), ()),), untagged, (), {}, language, b"", {}, back)


def _taken(page: pikepdf.Object, shared: Mapping[_Key, int]) -> PagePattern:
    facts = {key: page.get(key) if key not in _FROM_ABOVE else _from_above(page, key) for key in _OF_A_PAGE}
    pairs = (
        pikepdf.Name(key).unparse() + b" " + syntax.written(value, shared, top=False)
        for key, value in facts.items()
        if value is not None
    )
    text = b"<</Type/Page" + b"".join(pairs).replace(b"%", b"%%")
    return PagePattern(text + b"/Parent %d 0 R/StructParents %d>>", (), ())


def _from_above(page: pikepdf.Object, key: str) -> Any:
    """What a page has itself, or from those above it in the tree of pages."""
    for _ in range(_MOST_ABOVE):
        if key in page:
            return page[key]
        if "/Parent" not in page:
            break
        page = page.Parent
    return None


def _empty_like(box: object, shared: Mapping[_Key, int]) -> bytes:
    """An empty page of this size."""
    size = syntax.written(box, shared, top=False)
    return b"<</Type/Page/MediaBox %b/Resources<<>>/Parent %%d 0 R>>" % size


class _Shared(dict[_Key, int]):
    """The numbers of shared objects in the job; one that is asked for the first time is put there."""

    def __init__(self, pdf: pikepdf.Pdf, own: Mapping[_Key, int], shelf: SharedStore) -> None:
        super().__init__()
        self._pdf, self._shelf = pdf, shelf
        self._kept_back = set(own)

    def __missing__(self, key: _Key) -> int:
        if key in self._kept_back:
            raise RenderError(f"What all patients share points at a page or a tag of one. {_FAULT}")
        self._kept_back.add(key)  # until it is known: a circle of references would have no end
        one = self._pdf.get_object(key)
        if isinstance(one, Stream):
            number = self._shelf.store_stream(*syntax.stream_parts(one, self))
        else:
            number = self._shelf.store(syntax.written(one, self))
        self[key] = number
        return number


class _Bench:
    """A document that is being taken apart."""

    def __init__(self, pdf: pikepdf.Pdf, plate: Plate, shelf: SharedStore) -> None:
        self._pdf, self._plate, self._shelf = pdf, plate, shelf
        self._pages = [page.obj for page in pdf.pages]
        self._links = [one for page in self._pages for one in page.get("/Annots", Array())]
        self._elements = _elements(pdf.Root.StructTreeRoot.K[0])
        own = [*self._pages, *self._links, *self._elements]
        self._own = {one.objgen: place for place, one in enumerate(own)}
        if len(self._own) != len(own):
            raise RenderError(f"Pages or tags of a document of the print job are not objects of their own. {_FAULT}")
        self._places = {(place.number, 0): at for at, place in enumerate(plate.places)}
        self._files: dict[str, int] = {}
        self._shared = _Shared(pdf, self._own, shelf)

    def mould(self, top: int) -> Mould:
        """The document, taken apart."""
        root = self._pdf.Root
        tags = dict(zip((nums := list(root.StructTreeRoot.ParentTree.Nums))[::2], nums[1::2], strict=True))
        fonts = sorted({place.simple_font for place in self._plate.places})
        return Mould(
            tuple(self._page(page) for page in self._pages),
            tuple(self._fixed(link, ("/StructParent", "/P")) + b"/StructParent %d>>" for link in self._links),
            (self._whole(top), *(self._element(one) for one in self._elements[1:])),
            tuple(self._row(tags[page.StructParents]) for page in self._pages),
            tuple(self._own[tags[link.StructParent].objgen] for link in self._links),
            {number: self._shared[number, 0] for number in fonts},
            str(root.Lang),
            self._written(root.OutputIntents),
            self._files,
            _empty_like(self._pages[-1].MediaBox, self._shared) if len(self._pages) % 2 else b"",
        )

    def _written(self, value: object) -> bytes:
        return syntax.written(value, self._shared, top=False)

    def _fixed(self, one: pikepdf.Object, leave: tuple[str, ...]) -> bytes:
        """A dictionary that all patients share, still open, without some keys."""
        pairs = (
            pikepdf.Name(key).unparse() + b" " + self._written(value)
            for key, value in sorted(one.items())
            if key not in leave
        )
        return b"<<" + b"".join(pairs).replace(b"%", b"%%")

    def _page(self, page: pikepdf.Object) -> PagePattern:
        drawings = page.Resources.get("/XObject", Dictionary())
        places = ((key, self._places.get(one.objgen)) for key, one in sorted(drawings.items()))
        changing = {key: place for key, place in places if place is not None}
        named = self._fixed(drawings, tuple(changing)) + b"".join(key.encode() + b" %d 0 R" for key in changing)
        resources = self._fixed(page.Resources, ("/XObject",)) + b"/XObject" + named + b">>>>"
        links = tuple(self._own[one.objgen] for one in page.get("/Annots", Array()))
        return PagePattern(
            self._fixed(page, ("/Annots", "/Parent", "/Resources", "/StructParents"))
            + b"/Parent %d 0 R/Resources"
            + resources
            + (b"/Annots[%b]" % b" ".join([b"%d 0 R"] * len(links)) if links else b"")
            + b"/StructParents %d>>",
            tuple(changing.values()),
            links,
        )

    def _whole(self, top: int) -> Pattern:
        """The element of the document: a part of the job, with its language, its title, and what it is made from."""
        root, first = self._pdf.Root, self._elements[0]
        said = syntax.text_string(str(root.Lang)), syntax.text_string(str(self._pdf.trailer.Info.Title))
        files = b" ".join(b"%d 0 R" % self._attached(one) for one in root.AF)
        kids, gaps = self._kids(first, None)
        fixed = b"<</S/Part/P %d 0 R/Lang %b/T %b/AF[%b]" % (top, *said, files)
        return Pattern(fixed.replace(b"%", b"%%") + kids + b">>", gaps)

    def _element(self, one: pikepdf.Object) -> Pattern:
        page = _page_of(one)
        kids, gaps = self._kids(one, page)
        text = b"<</S%b/P %%d 0 R" % one.S.unparse() + self._fixed(one, _ELEMENT_KEYS)[2:] + kids
        gaps = (self._own[one.P.objgen], *gaps)
        if page is not None:
            text, gaps = text + b"/Pg %d 0 R", (*gaps, self._own[page])
        return Pattern(text + b">>", gaps)

    def _kids(self, one: pikepdf.Object, page: _Key | None) -> tuple[bytes, tuple[int, ...]]:
        """What an element holds: elements, links, and content by its number alone where it is on the element's page."""
        parts: list[bytes] = []
        gaps: list[int] = []
        for kid in _listed(one):
            if not isinstance(kid, Dictionary):
                parts.append(b"%d" % int(kid))
            elif kid.get("/Type") == Name.OBJR:
                other = kid.Pg.objgen != page
                parts.append(b"<</Type/OBJR/Obj %d 0 R" + (b"/Pg %d 0 R>>" if other else b">>"))
                gaps += [self._own[kid.Obj.objgen], *([self._own[kid.Pg.objgen]] if other else [])]
            elif kid.get("/Type") != Name.MCR:
                parts.append(b"%d 0 R")
                gaps.append(self._own[kid.objgen])
            elif kid.Pg.objgen == page:
                parts.append(b"%d" % kid.MCID)
            else:
                parts.append(b"<</Type/MCR/Pg %%d 0 R/MCID %d>>" % kid.MCID)
                gaps.append(self._own[kid.Pg.objgen])
        return (b"/K %b" if len(parts) == 1 else b"/K[%b]") % b" ".join(parts), tuple(gaps)

    def _row(self, owners: pikepdf.Object) -> Pattern:
        """Whose the marked content of a page is."""
        elements: list[Any] = list(owners)
        gaps = tuple(self._own[one.objgen] for one in elements if one is not None)
        return Pattern(b"[%b]" % b" ".join(b"null" if one is None else b"%d 0 R" for one in elements), gaps)

    def _attached(self, described: pikepdf.Object) -> int:
        """An enclosed file under a name of its own: every document calls it the same."""
        name = self._shelf.name_file(self._shared[described.EF.F.objgen])
        described.F = described.UF = pikepdf.String(name)
        self._files[name] = self._shared[described.objgen]
        return self._files[name]


def _elements(root: pikepdf.Object) -> list[pikepdf.Object]:
    """An element and all below it, in reading order."""
    found: list[pikepdf.Object] = []
    waiting: list[Any] = [root]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += [kid for kid in reversed(_listed(one)) if isinstance(kid, Dictionary) and "/S" in kid]
    return found


def _listed(element: pikepdf.Object) -> list[Any]:
    """What an element holds: dictionaries and numbers."""
    kids: Any = element.get("/K", Array())
    return list(kids) if isinstance(kids, Array) else [kids]


def _page_of(element: pikepdf.Object) -> _Key | None:
    """The page of an element: that of the first content that it holds itself."""
    for kid in _listed(element):
        if isinstance(kid, Dictionary) and "/Pg" in kid and "/S" not in kid:
            return kid.Pg.objgen
    return element.Pg.objgen if "/Pg" in element else None
