"""Proof of places: everything that is drawn lies on the paper, in its place, and over nothing else.

Judged by ink, not by boxes of the layout: the box of a line is as high as its font, and lines may be set tight.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from clinicpress.clinics import INK_LIMIT
from clinicpress.pdf.evidence import Evidence, PageElement, Run, overlap, shortened, words_of_element
from clinicpress.pdf.ink import FORM, PATH, PICTURE, TEXT, Box, Ink, letters

EDGE = 0.8  # points that a curve may reach over the limit of ink
LINE = 1.5  # points by which neighbours may meet: kerning, and strokes drawn over a frame
GAP = 5.0  # points that a line may reach into the gap beside its element; cells have their own gap inside
DEPTH = 4.0  # points that raised and lowered letters may stand outside the box of their element
SHORTER = "Write it in fewer or shorter words."
REPORT = "Please report this."


class What(IntEnum):
    """What lies somewhere on a page."""

    WORD = 1
    FURNITURE = 2
    WALL = 3
    SPOT = 4
    PICTURE = 5
    MARK = 6
    DRAWING = 7


@dataclass(frozen=True, slots=True)
class Thing:
    """Something on a page that others may not lie over: its box, what it is, its name in a message, and its element."""

    box: Box
    what: What
    words: str
    element: PageElement | None = None


def prove_places(evidence: Evidence, entries: Sequence[Mapping[str, object]], *, codes: bool) -> None:
    """Notes what leaves the paper, its column or its element, and what lies over something else."""
    pages: list[list[Thing]] = [[] for _ in evidence.sheets]
    for element in evidence.holders():
        for run in element.runs:
            if element.tag != "img" and not _by_design(element, run):
                pages[run.page].append(Thing(run.box, What.WORD, run.words, element))
                _inside(evidence, element, run)
        _follows(evidence, element)
        for number, inks in element.repeats.items():
            pages[number] += [Thing(ink.box, What.WORD, ink.text, element) for ink in inks]
    furniture = [one for one in evidence.elements if one.furniture]
    pictures = [one for one in evidence.holders() if one.tag == "img"]
    for number, loose in enumerate(evidence.loose):
        pages[number] += _furniture(evidence, number, loose, furniture)
        pages[number] += _pictures(evidence, number, pictures)
        if codes:
            zones = list(evidence.order.page.code_zones(number + 1))
            zones += [evidence.order.page.label_zone()] if number == 0 else []
            pages[number] += [
                Thing((one.left, one.bottom, one.right, one.top), What.MARK, "the code or the label") for one in zones
            ]
    for entry in entries:
        pages[page_of(entry)].append(Thing(rectangle(entry), What.SPOT, str(entry["name"])))
    for number, things in enumerate(pages):
        _apart(evidence, number, things)
        _covered(evidence, number)


def rectangle(entry: Mapping[str, object]) -> Box:
    """The place of a field, as the manifest says it."""
    edges = entry["rectangle"]
    assert isinstance(edges, list)  # noqa: S101  `zones` wrote it
    left, bottom, right, top = map(float, edges)
    return left, bottom, right, top


def page_of(entry: Mapping[str, object]) -> int:
    """The page of a field, from 0."""
    return int(str(entry["page"])) - 1


def _by_design(element: PageElement, run: Run) -> bool:
    """Whether these letters lie over a box because they shall: "DRAFT: do not sign"."""
    return any(start <= run.start and run.end <= end for start, end in element.stops)


# Inside ---------------------------------------------------------------------------------------------------------------


def _leaves(box: Box, sheet: tuple[float, float]) -> bool:
    """Whether a box leaves the part of the paper that every printer reaches."""
    left, bottom, right, top = box
    edge = INK_LIMIT - EDGE
    return left < edge or bottom < edge or right > sheet[0] - edge or top > sheet[1] - edge


def _inside(evidence: Evidence, element: PageElement, run: Run) -> None:
    """Notes letters that leave the paper, the column of the text, or their own element."""
    sheet, page, box = evidence.sheets[run.page], run.page, run.box
    words = f"'{shortened(run.words)}'"
    leaves = _leaves(box, (sheet.width, sheet.height))
    if leaves:
        evidence.tell("outside", f"These words leave the paper: {words}.", SHORTER, element, page)
    own = evidence.boxes[page].get(element.name)
    if own is None:
        message = f"These words stand on a page where their paragraph is not: {words}."
        evidence.tell("outside", message, REPORT, element, page)
        return
    column = evidence.boxes[page].get(evidence.elements[0].name)
    gap = LINE if element.tag in ("td", "th") else GAP
    aside = max(own[0] - box[0], box[2] - own[2])
    beyond = max(column[0] - box[0], box[2] - column[2]) if column else 0.0
    if run.start >= 0 and (aside > gap or beyond > LINE):  # the number of an item hangs beside it
        message = f"These words are wider than their place: {words}."
        evidence.tell("wide-word", message, "Use a shorter word, or fewer columns.", element, page)
    elif not leaves and run.start >= 0 and own[3] - own[1] > 1 and max(own[1] - box[1], box[3] - own[3]) > DEPTH:
        # A heading that hangs beside its text takes no height of its own.
        evidence.tell("outside", f"These words stand outside their place: {words}.", REPORT, element, page)


def _follows(evidence: Evidence, element: PageElement) -> None:
    """Notes lines of an element that stand above the line before."""
    own = [run for run in element.runs if run.start >= 0]
    for before, run in pairwise(own):
        above = (run.page, -run.box[1]) < (before.page, -before.box[3] - GAP)
        if above and not _by_design(element, run) and not unicodedata.combining(run.words.lstrip()[:1] or " "):
            message = f"These words stand above those before them: '{shortened(run.words)}'."
            evidence.tell("order", message, REPORT, element, run.page)
            return


# What lies on a page --------------------------------------------------------------------------------------------------


def _furniture(
    evidence: Evidence, number: int, loose: Sequence[Ink], furniture: Sequence[PageElement]
) -> Iterator[Thing]:
    """Head and foot of a page: where they stand, and their words. Notes words that leave the paper or are neither."""
    sheet, boxes = evidence.sheets[number], evidence.boxes[number]
    heads = [one for one in furniture if "furniture" in one.classes and one.name in boxes]
    for one in heads:
        yield Thing(boxes[one.name], What.WALL, "the head or foot of the page", one)
    text = boxes.get(evidence.elements[0].name)
    said = letters("".join("".join(one.node.itertext()) for one in heads))
    grounds = [
        (boxes[one.name], letters("".join(one.node.itertext())))
        for one in furniture
        if "state" in one.classes and one.name in boxes
    ]
    for ink in loose:
        if ink.kind == FORM:
            yield Thing(ink.box, What.DRAWING, "")
        if ink.kind != TEXT or ink.box[2] - ink.box[0] < 0.1:
            continue
        head = max(heads, key=lambda one: overlap(boxes[one.name], ink.box), default=None)
        words = f"'{shortened(ink.text)}'"
        if _leaves(ink.box, (sheet.width, sheet.height)):
            message = f"Words at the head or foot leave the paper: {words}."
            evidence.tell("outside", message, "Shorten the title, or the clinic's lines.", head, number)
        elif not any(overlap(boxes[one.name], ink.box) > 0 for one in heads) and (
            letters(ink.text) not in said or (text is not None and overlap(text, ink.box) > 0)
        ):
            message = f"These words are in neither the text nor the head or foot of the page: {words}."
            evidence.tell("stray-words", message, REPORT, None, number)
        else:
            # White words on a black ground end where that ends.
            own = [box for box, text in grounds if overlap(box, ink.box) > 0 and letters(ink.text) in text]
            if any(max(box[0] - ink.box[0], ink.box[2] - box[2]) > LINE for box in own):
                message = f"Words of the head or foot are wider than their place: {words}."
                evidence.tell("wide-word", message, "Shorten the title, or the clinic's lines.", head, number)
        yield Thing(ink.box, What.FURNITURE, ink.text, head)


def _pictures(evidence: Evidence, number: int, pictures: Sequence[PageElement]) -> Iterator[Thing]:
    """The pictures of a page. Notes those that leave the paper or are not drawn."""
    sheet, boxes = evidence.sheets[number], evidence.boxes[number]
    for element in pictures:
        if element.name in boxes:
            box = boxes[element.name]
            if _leaves(box, (sheet.width, sheet.height)):
                message = f"This picture leaves the paper: '{shortened(element.node.get('alt', ''))}'."
                evidence.tell("outside", message, "Use a picture that is less high.", element, number)
            yield Thing(box, What.PICTURE, element.node.get("alt", ""), element)


# Over one another -----------------------------------------------------------------------------------------------------

_KINDS = {
    (What.WORD, What.WORD): ("overprint", LINE, "These words are printed over others"),
    (What.FURNITURE, What.FURNITURE): ("overprint", LINE, "Words of the head or foot are printed over others"),
    (What.WORD, What.FURNITURE): ("covered", 0.5, "These words are printed over the head or foot of the page"),
    (What.WORD, What.WALL): ("covered", 1.0, "These words stand in the head or foot of the page"),
    (What.WORD, What.SPOT): ("overprint", 1.0, "These words are printed over a place to write"),
    (What.FURNITURE, What.SPOT): ("overprint", 1.0, "Words of the head or foot are printed over a place to write"),
    (What.SPOT, What.SPOT): ("overprint", 1.0, "A place to write lies over another"),
    (What.WALL, What.PICTURE): ("covered", 0.5, "A picture lies over the head or foot of the page"),
    (What.WORD, What.PICTURE): ("covered", 1.0, "These words lie under a picture"),
    (What.FURNITURE, What.PICTURE): ("covered", 0.5, "A picture lies over the head or foot of the page"),
    (What.SPOT, What.PICTURE): ("covered", 1.0, "A place to write lies under a picture"),
    (What.PICTURE, What.PICTURE): ("covered", 1.0, "A picture lies over another"),
    (What.WORD, What.MARK): ("covered", 1.0, "These words stand where the code or the label goes"),
    (What.FURNITURE, What.MARK): ("covered", 1.0, "Words of the head stand where the code or the label goes"),
    (What.PICTURE, What.MARK): ("covered", 1.0, "A picture lies where the code or the label goes"),
    (What.SPOT, What.MARK): ("covered", 1.0, "A place to write lies where the code or the label goes"),
    (What.WORD, What.DRAWING): ("covered", 1.0, "A drawing, or what was filled in, is printed over these words"),
    (What.FURNITURE, What.DRAWING): ("covered", 1.0, "A drawing, or what was filled in, is printed over the head"),
}
"""What may not lie over what: the kind of fault, by how many points they may meet, and how it is told."""


def _apart(evidence: Evidence, number: int, things: list[Thing]) -> None:
    """Notes what lies over something else, in one sweep from the foot of the page to its head."""
    things.sort(key=lambda one: one.box[1])
    told: set[tuple[str, str]] = set()
    open_: list[Thing] = []
    for thing in things:
        open_ = [one for one in open_ if one.box[3] > thing.box[1]]
        for one in open_:
            first, second = (one, thing) if one.what <= thing.what else (thing, one)
            kind, least, message = _KINDS.get((first.what, second.what), ("", 0.0, ""))
            if not kind or overlap(first.box, second.box) <= least or _one_letter(first, second):
                continue
            named = second if second.what is What.PICTURE and first.what in (What.FURNITURE, What.WALL) else first
            element = named.element or first.element or second.element
            name = element.name if element else first.words
            if (kind, name) not in told:
                told.add((kind, name))
                words = f"'{shortened(named.words) or (words_of_element(element) if element else '')}'"
                evidence.tell(kind, f"{message}: {words}.", SHORTER, element, number)
        open_.append(thing)


def _one_letter(first: Thing, second: Thing) -> bool:
    """Whether one begins with a mark that belongs over or under the last letter of the other."""
    own = first.element is not None and first.element is second.element
    return own and any(unicodedata.combining(one.words.lstrip()[:1] or " ") for one in (first, second))


def _covered(evidence: Evidence, number: int) -> None:
    """Notes words that a shape or a picture hides which is drawn after them."""
    drawn = evidence.sheets[number].inks
    words = sorted(
        ((run.box, run.order, element, run.words) for element, run in evidence.typed[number]), key=lambda one: one[0][1]
    )
    bottoms = [box[1] for box, *_ in words]
    tallest = max((box[3] - box[1] for box, *_ in words), default=0.0)
    first = min((order for _, order, *_ in words), default=len(drawn))
    for place, ink in enumerate(drawn[first:], first):
        # What belongs to a drawing ends at its frame, and where that may lie is looked at for itself.
        if ink.mcid in evidence.drawings[number] or (ink.kind != PICTURE and not (ink.kind == PATH and ink.filled)):
            continue
        nearest = bisect_left(bottoms, ink.box[1] - tallest)
        for box, order, element, said in words[nearest : bisect_left(bottoms, ink.box[3])]:
            if order >= place or overlap(box, ink.box) <= LINE:
                continue
            if not any(one.element == element.name and one.page == number + 1 for one in evidence.faults):
                evidence.tell("covered", f"These words are hidden: '{shortened(said)}'.", REPORT, element, number)
