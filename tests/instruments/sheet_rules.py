"""What can be seen on the sheets without knowing the text: the rules of `judge` about places."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tests.instruments.paper import Box, Ink, Paper, Sign, Word, around

EDGE = 36.0  # points, 12.7 mm: what every printer can print
SIDE = 42.5  # points, 15 mm: where the text begins and ends
OVERHANG = 2.5  # points that a large "j" reaches to the left of where it begins
FOOT, HEAD = 110.0, 130.0  # points from the edges: where furniture may be
BREAKS = tuple("-–—/.?&=@_:,;#+~%")
"""A word may part behind these without harm."""
STOP = "DRAFT"  # in the box of a signature, on purpose
SIGNED = ("printed_name", "signed_date", "signed_time")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, on which page (0: on none), and which words are meant."""

    rule: str
    page: int
    said: str

    def __str__(self) -> str:
        return f"{self.rule}{f' on page {self.page}' if self.page else ''}: {self.said}"


Place = tuple[str, int, Box]


def sheet_findings(
    paper: Paper, words: Sequence[Word], written: Sequence[Word], fields: Sequence[Place]
) -> Iterator[Finding]:
    """All findings about places. `words` are those of the text, `written` those of its author."""
    yield from _edges(paper, words)
    yield from _figures(paper)
    yield from _covered(paper, words)
    yield from _overlapping(paper, words)
    yield from _order(paper, words)
    yield from _headings(paper)
    yield from _captions(paper)
    yield from _blank(paper, written, fields)
    yield from _fields(paper, words, fields)
    yield from _broken(paper, words)
    for page, count in paper.unmarked:
        yield Finding("glyph", page, f"{count} signs are not in their font")
    for sign in (*paper.signs, *paper.furniture, *paper.drawn):
        if sign.text == "\N{REPLACEMENT CHARACTER}":
            yield Finding("glyph", sign.page, "a sign has no meaning")


def _edges(paper: Paper, words: Sequence[Word]) -> Iterator[Finding]:
    everything = [("text", word) for word in words] + [("furniture", word) for word in paper.around]
    everything += [("drawing", Word(sign.text, -1, [[sign]])) for sign in paper.drawn]
    feet, heads = _bands(paper)
    for kind, word in everything:
        for signs in word.parts:
            page = signs[0].page
            left, bottom, right, top = around(signs)
            where = f"{word.text!r} ({kind}) at {left:.0f} to {right:.0f} across, {bottom:.0f} to {top:.0f} up"
            for rule, said in _place(
                kind, (left, bottom, right, top), paper.sizes[page - 1], feet[page - 1], heads[page - 1]
            ):
                yield Finding(rule, page, f"{where} is {said}")
            if any(_clipped(sign) for sign in signs):
                yield Finding("clipped", page, f"{where} is cut off")


def _place(kind: str, box: Box, size: tuple[float, float], foot: float, head: float) -> Iterator[tuple[str, str]]:
    """What is wrong with the place of a word."""
    left, bottom, right, top = box
    width, height = size
    near, side = min(left, bottom, width - right, height - top), min(left, width - right)
    if near < 0:
        yield "outside", "not on the paper"
    elif near < EDGE - 0.5:
        yield "edge", f"{near:.1f} pt from the edge"
    elif kind != "drawing" and side < SIDE - OVERHANG:
        yield "area", "in the margin"
    elif kind == "text" and bottom < foot - 0.5:
        yield "area", "among the words at the foot"
    elif kind == "text" and top > head + 0.5:
        yield "area", "among the words at the head"


def _figures(paper: Paper) -> Iterator[Finding]:
    feet, heads = _bands(paper)
    for ink in (ink for ink in paper.ink if _figure(paper, ink.owner)):
        width, height = paper.sizes[ink.page - 1]
        near = min(ink.box[0], ink.box[1], width - ink.box[2], height - ink.box[3])
        if near < EDGE - 1.5:
            yield Finding("edge", ink.page, f"a figure is {near:.1f} pt from the edge")
        if ink.box[1] < feet[ink.page - 1] - 1.5 or ink.box[3] > heads[ink.page - 1] + 1.5:
            yield Finding("area", ink.page, "a figure is among the furniture")


def _clipped(sign: Sign) -> bool:
    if sign.visible is None:
        return False
    x, y = sign.middle
    left, bottom, right, top = sign.visible
    return not (left - 0.5 <= x <= right + 0.5 and bottom - 0.5 <= y <= top + 0.5)


def _bands(paper: Paper) -> tuple[list[float], list[float]]:
    """How high the words at the foot reach on each page, and how low those at its head."""
    feet, heads = [0.0] * len(paper.sizes), [height for _, height in paper.sizes]
    for sign in paper.furniture:
        place = sign.page - 1
        if sign.text.strip() and sign.box[3] < FOOT:
            feet[place] = max(feet[place], sign.box[3])
        elif sign.text.strip() and sign.box[1] > paper.sizes[place][1] - HEAD:
            heads[place] = min(heads[place], sign.box[1])
    return feet, heads


def _figure(paper: Paper, number: int) -> bool:
    return bool(paper.inside(number, "Figure"))


def _covered(paper: Paper, words: Sequence[Word]) -> Iterator[Finding]:
    pictures: dict[int, list[Ink]] = {}
    fills: dict[int, list[Ink]] = {}
    drawings: dict[int, Box] = {}
    for ink in paper.ink:
        if ink.picture or _figure(paper, ink.owner):
            pictures.setdefault(ink.page, []).append(ink)
            box = drawings.get(ink.page, ink.box)
            drawings[ink.page] = (*map(min, box[:2], ink.box[:2]), *map(max, box[2:], ink.box[2:]))  # type: ignore[assignment]
        else:
            fills.setdefault(ink.page, []).append(ink)
    for word in (*words, *paper.around):
        for sign in (sign for signs in word.parts for sign in signs):
            x, y = sign.middle
            box = drawings.get(sign.page)
            near = box is not None and box[0] <= x <= box[2] and box[1] <= y <= box[3]
            if near and any(ink.holds(x, y) for ink in pictures[sign.page]):
                yield Finding("covered", sign.page, f"{word.text!r} and a picture are in the same place")
                break
            if any(ink.z > sign.z and ink.holds(x, y) for ink in fills.get(sign.page, [])):
                yield Finding("covered", sign.page, f"{word.text!r} is painted over")
                break


def _overlapping(paper: Paper, words: Sequence[Word]) -> Iterator[Finding]:
    pages: dict[int, list[tuple[Box, str]]] = {}
    for word in (*words, *paper.around):
        for page, box in word.boxes():
            pages.setdefault(page, []).append((box, word.text + (" (furniture)" if word.block < 0 else "")))
    for page, entries in pages.items():
        boxes = np.array([box for box, _ in entries])
        low, high = (
            np.maximum(boxes[:, None, :2], boxes[None, :, :2]),
            np.minimum(boxes[:, None, 2:], boxes[None, :, 2:]),
        )
        both = high - low
        for first, other in np.argwhere((both[..., 0] > 1.0) & (both[..., 1] > 1.5)):
            if first < other:
                yield Finding("overlap", page, f"{entries[first][1]!r} and {entries[other][1]!r} are in the same place")


def _order(paper: Paper, words: Sequence[Word]) -> Iterator[Finding]:
    """What is read later is lower on the page, unless it is in another column."""
    runs: list[list[Word]] = []
    for word in words:
        if runs and runs[-1][-1].block == word.block:
            runs[-1].append(word)
        else:
            runs.append([word])
    for before, after in pairwise(runs):
        cells = paper.inside(before[0].block, "TR") and paper.inside(after[0].block, "TR")
        if after[0].page < before[-1].page and not cells:
            said = f"{after[0].text!r} is read after {before[-1].text!r}, and is on the page before"
            yield Finding("order", after[0].page, said)
    yield from _downwards(runs)
    for word in words:
        boxes = list(word.boxes())
        for (page, above), (next_page, below) in pairwise(boxes):
            if next_page == page and below[1] > above[3]:
                yield Finding("order", page, f"the parts of {word.text!r}")


def _downwards(runs: Sequence[Sequence[Word]]) -> Iterator[Finding]:
    columns: dict[int, list[tuple[Box, str]]] = {}
    for run in runs:
        page, box = next(iter(run[0].boxes()))
        for other, text in columns.setdefault(page, []):
            if box[1] > other[3] + 2 and box[0] + 3 < other[2] and box[2] > other[0] + 3:
                yield Finding("order", page, f"{run[0].text!r} is read after {text!r}, and is above it")
        columns[page].append((box, run[0].text))


def _headings(paper: Paper) -> Iterator[Finding]:
    """A heading has its text, its table or its figure on the same page."""
    things = {(sign.owner, sign.page) for sign in (*paper.signs, *paper.drawn)}
    things |= {(ink.owner, ink.page) for ink in paper.ink if ink.owner >= 0}
    following: int | None = None  # the page on which the text goes on, read from the end
    told: set[int] = set()
    for owner, page in sorted(things, reverse=True):
        block = paper.block(owner)
        if not (paper.role(block).startswith("H") and paper.role(block)[1:].isdigit()):
            following = page
        elif following != page and block not in told:
            told.add(block)
            said = "".join(sign.text for sign in paper.signs if paper.block(sign.owner) == block)
            yield Finding("heading", page, f"{said!r} is not on the page of what follows it ({following})")


def _captions(paper: Paper) -> Iterator[Finding]:
    figures: dict[int, set[int]] = {}
    captions: dict[int, set[int]] = {}
    for owner, page in [(ink.owner, ink.page) for ink in paper.ink] + [(sign.owner, sign.page) for sign in paper.drawn]:
        for figure in paper.inside(owner, "Figure"):
            figures.setdefault(figure, set()).add(page)
    for sign in paper.signs:
        for caption in paper.inside(sign.owner, "Caption"):
            captions.setdefault(caption, set()).add(sign.page)
    for caption, pages in captions.items():
        parents = paper.elements[caption].parents
        beside = [one for one in figures if paper.elements[one].parents[-1] in parents[-1:] or one in parents]
        before = [one for one in beside if one < caption] or beside
        if not before:
            yield Finding("caption", min(pages), "a caption is without its figure")
        elif not pages <= figures[max(before)]:  # a figure of two drawings may be parted between them
            yield Finding("caption", min(pages), f"its figure is on page {sorted(figures[max(before)])}")


def _blank(paper: Paper, written: Sequence[Word], fields: Sequence[Place]) -> Iterator[Finding]:
    full = {page for word in written for page, _ in word.boxes()} | {sign.page for sign in paper.drawn}
    full |= {ink.page for ink in paper.ink if _figure(paper, ink.owner)}
    often = Counter(name for name, page in {(name, page) for name, page, _ in fields})
    full |= {page for name, page, _ in fields if often[name] == 1}
    for page in range(1, len(paper.sizes) + 1):
        if page not in full:
            yield Finding("blank", page, "nothing of the document is on this page")


def _fields(paper: Paper, words: Sequence[Word], fields: Sequence[Place]) -> Iterator[Finding]:
    signs = [(word.text, page, box) for word in (*words, *paper.around) for page, box in word.boxes()]
    places = sorted({(name, page, tuple(round(side) for side in box)) for name, page, box in fields})
    for name, page, box in places:
        width, height = paper.sizes[page - 1]
        if min(box[0], box[1], width - box[2], height - box[3]) < EDGE - 1:
            yield Finding("field", page, f"{name} is not where it can be printed")
        for text, on, other in signs:
            x, y = (other[0] + other[2]) / 2, (other[1] + other[3]) / 2
            inside = on == page and box[0] + 1 < x < box[2] - 1 and box[1] + 1 < y < box[3] - 1
            if inside and not (name.endswith(("signature", "initials")) and _stop(text, words)):
                yield Finding("field", page, f"{text!r} is inside the place of {name}")
    yield from _several(places)
    where: dict[str, set[int]] = {}
    for name, page, _ in places:
        where.setdefault(name, set()).add(page)
    for name, pages in where.items():
        person, _, kind = name.rpartition(".")
        for part in SIGNED if kind == "signature" else ():
            if where.get(f"{person}.{part}", pages) != pages:
                yield Finding("signature", min(pages), f"{name} and {person}.{part} are on different pages")


def _several(places: Sequence[Place]) -> Iterator[Finding]:
    for place, (name, page, box) in enumerate(places):
        for other, on, second in places[place + 1 :]:
            across = min(box[2], second[2]) - max(box[0], second[0])
            up = min(box[3], second[3]) - max(box[1], second[1])
            if on == page and across > 1 and up > 1 and box != second:
                yield Finding("field", page, f"{name} and {other} overlap")


def _stop(text: str, words: Sequence[Word]) -> bool:
    """Whether the word is one of those that forbid to sign a draft."""
    for place, word in enumerate(words):
        if word.text.startswith(STOP) and text in {one.text for one in words[place : place + 8]}:
            return True
    return False


def _broken(paper: Paper, words: Sequence[Word]) -> Iterator[Finding]:
    """A word is broken by a line end only where no line of its column could hold it."""
    begins: dict[tuple[int, int], float] = {}  # where the lines of each block begin on each page
    for word in words:
        for page, box in word.boxes():
            begins[word.block, page] = min(begins.get((word.block, page), box[0]), box[0])
    ends: dict[tuple[int, bool, int], float] = {}  # where the longest line of each column ends
    for word in words:
        for page, box in word.boxes():
            column = page, bool(paper.inside(word.block, "Table")), round(begins[word.block, page])
            ends[column] = max(ends.get(column, 0), box[2])
    for word in words:
        pieces = ["".join(sign.text for sign in signs) for signs in word.parts]
        if len(pieces) > 1 and not all(piece.endswith(BREAKS) for piece in pieces[:-1]):
            left = begins[word.block, word.page]
            room = ends[word.page, bool(paper.inside(word.block, "Table")), round(left)] - left
            if word.width <= room:
                yield Finding("broken", word.page, f"{word.text!r} is broken, and its column would hold it")
