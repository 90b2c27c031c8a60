"""Proof of words: what the author wrote stands in the page, and what that says stands on the paper, once, in order."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinicpress.clinics import FontFace
from clinicpress.documents import (
    Block,
    Callout,
    Definitions,
    Document,
    FieldGroup,
    Figure,
    Inline,
    Listing,
    Paragraph,
    Subheading,
    Table,
    plain_text,
    spot_of,
    walk,
)
from clinicpress.documents.passages import own_line
from clinicpress.pdf.evidence import Evidence, PageElement, shortened, words_of_element
from clinicpress.pdf.ink import letters

REPORT = "Please report this."
LIGATURES = {number: unicodedata.normalize("NFKC", chr(number)) for number in range(0xFB00, 0xFB07)}
"""Signs for ff, fi and so on, which pdfium takes apart."""
MOST = 20  # faults of one text that are told: after that many, the rest says nothing new


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of what an author wrote, that is printed in one go; `after` is what the page may add behind it."""

    text: str
    line: int
    what: str
    after: str = ""


def prove_words(evidence: Evidence) -> None:
    """Notes words that are lost, doubled, added or out of order, and numbers of lists that are not the author's."""
    for element in evidence.holders():
        if element.tag != "img":
            _printed(evidence, element)
    documents = (evidence.order.document, evidence.order.second)
    for document in documents:
        if document is not None:
            _Author(evidence, document).prove()
    _numbers(evidence)
    _heads(evidence)


# From the page to the paper -------------------------------------------------------------------------------------------


def _printed(evidence: Evidence, element: PageElement) -> None:
    """Notes where the paper says something else than an element of the page."""
    said, printed = element.said, element.printed
    for number, inks in element.repeats.items():
        if letters("".join(ink.text for ink in inks)) != printed:
            message = f"The head of the table is not whole where it is repeated: '{words_of_element(element)}'."
            evidence.tell("lost-words", message, REPORT, element, number)
    if said == printed or _alike(said, printed, evidence.order.fonts):
        return
    page = element.runs[0].page if element.runs else -1
    place = f"'{words_of_element(element)}'"
    if not printed:
        evidence.tell("lost-words", f"These words are not on the paper: {place}.", REPORT, element, page)
    elif sorted(said) == sorted(printed):
        evidence.tell("order", f"These words are on the paper in another order: {place}.", REPORT, element, page)
    elif len(printed) < len(said):
        evidence.tell("lost-words", f"Some of these words are not on the paper: {place}.", REPORT, element, page)
    else:
        evidence.tell("double-words", f"More is on the paper than these words: {place}.", REPORT, element, page)


def _alike(said: str, printed: str, faces: Sequence[FontFace]) -> bool:
    """Whether two texts are the same but for how Unicode writes them.

    A hyphen that an author allowed may be there or not, and letters from right to left are drawn in another order.
    Where a face has one drawing for two signs, such as the Greek letter delta and the sign for a difference, the file
    knows only one of them.
    """
    one, other = (unicodedata.normalize("NFC", text.translate(LIGATURES)) for text in (said, printed))
    if "\N{SOFT HYPHEN}" in one:
        wanted = "-?".join(map(re.escape, one.split("\N{SOFT HYPHEN}")))
        return re.fullmatch(wanted, other.replace("\N{SOFT HYPHEN}", "-")) is not None
    if one == other:
        return True
    if any(map(unicodedata.combining, one)):
        # Of a letter with several marks the file explains the first drawing only. For the others pdfium says their
        # number, which may be that of a sign that our faces cannot even draw.
        one, other = ("".join(sign for sign in text if _drawn(sign, faces)) for text in (one, other))
        if one == other:
            return True
    if any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in one):
        return sorted(one) == sorted(other)
    apart = {pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]}
    if len(one) != len(other):
        return False
    from clinicpress.pdf.typeset import drawn_alike  # noqa: PLC0415  seldom needed, and slow to load

    return any(all(map(face.writes, "".join(map("".join, apart)))) and drawn_alike(apart, face) for face in faces)


def _drawn(sign: str, faces: Sequence[FontFace]) -> bool:
    """Whether a sign is one that a face can draw, and no mark of the letter before it."""
    return not unicodedata.combining(sign) and any(face.writes(sign) for face in faces)


# From the author to the page ------------------------------------------------------------------------------------------


class _Author:
    """Compares what the author of one document wrote with the elements of the page that hold it."""

    def __init__(self, evidence: Evidence, document: Document) -> None:
        self.evidence, self.document = evidence, document
        self.second = document is evidence.order.second
        self.starts = [section.line for section in document.sections]

    def prove(self) -> None:
        """Notes each piece that is not in the page, and what stands there that the author did not write."""
        groups = self._groups()
        document = self.document
        title = _Piece(document.title, document.lines.get("title", 1), "the title")
        self._compare([title, *_pieces(document.opening)], groups.get(-1, []))
        for number, section in enumerate(document.sections):
            heading = _Piece(section.heading, section.line, "the heading")
            self._compare([heading, *_pieces(section.blocks)], groups.get(number, []))
        notes = [piece for note in document.notes for piece in _pieces(note)]
        self._compare(notes, groups.get(len(self.starts), []))

    def _groups(self) -> dict[int, list[PageElement]]:
        """The elements that hold the author's words, by section.

        -1 stands for the title and what stands under it, the number of sections for the notes.
        """
        groups: dict[int, list[PageElement]] = {}
        waiting: list[PageElement] = []
        for element in self.evidence.holders():
            if self.evidence.document(element) is not self.document or not (element.said or element.tag == "img"):
                continue
            if element.within("notes"):
                if element.tag != "h2":
                    groups.setdefault(len(self.starts), []).append(element)
                continue
            if element.tag == "h1" or element.within("second-opening"):
                groups.setdefault(-1, []).append(element)
                continue
            carrier = element.carrier
            if carrier is None or element.within("own") or (carrier.tag == "section" and element.tag != "h2"):
                continue
            if carrier.tag == "section" and self.evidence.document(carrier) is not self.document:
                waiting.append(element)  # a heading whose section does not tell its line: what follows does
                continue
            number = bisect_right(self.starts, own_line(element.line)) - 1
            groups.setdefault(number, []).extend([*waiting, element])
            waiting = []
        return groups

    def _compare(self, pieces: Sequence[_Piece], elements: Sequence[PageElement]) -> None:
        """Finds the pieces, one behind the other, in what the elements say."""
        text = "".join(element.said for element in elements)
        place, told, lost = 0, 0, False
        for piece in pieces:
            wanted = letters(piece.text)
            if piece.what == "the heading" and self.document.kind.is_form:
                number = re.match(r"\d+\.", text[place:])  # the form numbers its parts
                place += number.end() if number and not text.startswith(wanted, place) else 0
            found = text.find(wanted, place)
            if found > place or found < 0:
                told += 1
                if told > MOST:
                    return
                if found < 0:
                    lost = True
                    where = f"{piece.what} '{shortened(piece.text)}'"
                    self._tell("lost-words", f"The page has no place for {where}.", piece.line)
                    continue
                self._foreign(text[place:found], elements, place)
            place = found + len(wanted)
            if piece.after and text.startswith(piece.after, place):
                place += len(piece.after)
        if place < len(text) and not lost:  # where words are lost, what stands there instead is no news
            self._foreign(text[place:], elements, place)

    def _foreign(self, extra: str, elements: Sequence[PageElement], place: int) -> None:
        """Notes words that the page has and the author did not write there."""
        line = 0
        for element in elements:
            line = element.line
            place -= len(element.said)
            if place < 0:
                break
        self._tell("double-words", f"The page says more than the text does: '{extra[:40]}'.", line)

    def _tell(self, kind: str, message: str, line: int) -> None:
        self.evidence.tell_at(kind, message, REPORT, *spot_of(self.document, line))


def _pieces(blocks: Sequence[Block]) -> Iterator[_Piece]:  # noqa: C901, PLR0912  a case a kind of block
    """What the author wrote in these blocks, piece by piece, in the order of reading. Fields are proved as places."""
    for block in blocks:
        match block:
            case Paragraph(content, line):
                yield from _words(content, line, "the words")
            case Subheading(content, line):
                yield from _words(content, line, "the heading")
            case Listing(items):
                for item in items:
                    yield from _pieces(item)
            case Definitions(entries, line):
                for term, explanation in entries:
                    yield from _words(term, line, "the term", ":")
                    yield from _pieces(explanation)
            case Table(head, groups, line):
                for row in (head, *(row for group in groups for row in group)):
                    for cell in row:
                        yield from _words(cell.content, line, "the cell")
            case Figure(caption=caption, line=line):
                yield _Piece(caption, line, "the caption")
            case Callout(_, content):
                yield from _pieces(content)
            case FieldGroup():
                pass


def _words(content: Sequence[Inline], line: int, what: str, after: str = "") -> Iterator[_Piece]:
    yield _Piece(plain_text(content), line, what, after)


# Numbers of lists -----------------------------------------------------------------------------------------------------


def _numbers(evidence: Evidence) -> None:
    """Notes each number before an item that is not the author's."""
    starts: dict[tuple[bool, int], list[int]] = {}
    for document in (evidence.order.document, evidence.order.second):
        blocks = walk(tuple(document.blocks())) if document else ()
        for listing in (block for block in blocks if isinstance(block, Listing)):
            if listing.start is not None:
                key = (document is evidence.order.second, listing.line)
                starts.setdefault(key, []).append(listing.start)
    for lines in starts.values():
        lines.reverse()
    items: dict[str, list[PageElement]] = {}
    for element in evidence.holders():
        if element.tag == "li" and element.parent is not None and element.parent.tag == "ol":
            items.setdefault(element.parent.name, []).append(element)
    for own in items.values():
        holder = own[0].parent
        key = (evidence.document(own[0]) is evidence.order.second, own[0].line)
        known = starts.get(key) if holder is not None and holder.carrier is holder else None
        start = known.pop() if known else 1
        for number, item in enumerate(own, start):
            if item.label != f"{number}." and (item.runs or item.label):
                said = item.label or "no number"
                message = f"Item {number} of the list has another number on the paper ({said}): "
                page = item.runs[0].page if item.runs else -1
                evidence.tell("number", f"{message}'{words_of_element(item)}'.", REPORT, item, page)


# Head and foot --------------------------------------------------------------------------------------------------------


def _heads(evidence: Evidence) -> None:
    """Notes words of head and foot that are not on a page where these stand."""
    heads = [one for one in evidence.elements if "furniture" in one.classes]
    for number, (boxes, loose) in enumerate(zip(evidence.boxes, evidence.loose, strict=True)):
        text = "".join(letters(ink.text) for ink in loose)
        for head in heads:
            if head.name not in boxes:
                continue
            for words in head.node.itertext():
                if letters(words) not in text:
                    message = f"Words of the head or foot are not on the page: '{shortened(words)}'."
                    evidence.tell("lost-words", message, "Shorten the title, or the clinic's lines.", head, number)
