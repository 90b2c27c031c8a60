"""The rules of clear print, measured on the finished pages: what is printed counts, not what a style sheet says.

Source of the numbers: pages.md, which follows RNIB clear print (12 to 14 points, 60 to 70 characters, no italics).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pikepdf
import pytest

from clinicpress.clinics import INK_LIMIT, SIDE_MARGIN
from clinicpress.documents import Block, Document, LineBreak, Paragraph, Text
from tests import prints
from tests.instruments import ink, letters
from tests.instruments.letters import Char, Line
from tests.prints import CONSENT, HANDOUT, LARGE, STANDARD, Library, Piece, Printed, each

ROUNDING = 0.05  # points: sizes come back from the file with some 0.001 of error
LEAST_FURNITURE = 9.0
LEAST_TEXT = 12.0
LEAST_LARGE = 18.0
LEAST_LEADING = 1.3  # of the size
MOST_CHARACTERS = 78  # in any line
# In nine of ten full lines; a consent form has longer ones, to stand on two sheets (docs/decisions/page.md).
SLACK = 2.0  # points: so much must be left over beside a word before we say that it had room
BEARING = 1.5  # points: so far a letter such as j reaches out of its place
PIXEL = 72 / 100  # points: the pages are painted at 100 dots an inch


class Set:
    """A piece of the source as it is set on the page: its lines, from the top down."""

    def __init__(self, piece: Piece, chars: Sequence[Char]) -> None:
        self.piece, self.chars = piece, chars
        rows: dict[tuple[int, float], list[Char]] = {}
        for char in chars:
            rows.setdefault((char.page, round(char.y)), []).append(char)
        self.lines = [Line(tuple(row)) for row in rows.values()]


def typeset(wanted: Sequence[Piece], chars: Sequence[Char]) -> list[Set]:
    """The pieces as they are set. A piece is found by its letters, which are drawn one behind the other.

    Text that runs over a page end is not found: paragraphs and list items never do.
    """
    inked = [(place, char) for place, char in enumerate(chars) if not char.text.isspace()]
    stream = "".join(char.text for _, char in inked)
    places = [place for place, char in inked for _ in char.text]
    used: Counter[str] = Counter()
    found = []
    for piece in wanted:
        start = -1
        for _ in range(used[piece.letters] + 1):
            start = stream.find(piece.letters, start + 1)
        used[piece.letters] += 1
        if start >= 0:
            end = start + len(piece.letters) - 1
            found.append(Set(piece, chars[places[start] : places[end] + 1]))
    return found


def running(document: Document, chars: Sequence[Char]) -> list[Set]:
    """The text that is read in lines: paragraphs and list items."""
    wanted = [piece for piece in prints.pieces(document) if piece.running]
    found = typeset(wanted, chars)
    assert len(found) == len(wanted) > 10
    return found


# Size, face, leading -----------------------------------------------------------------------------------------------


def smallest(chars: Sequence[Char]) -> float:
    return min(char.size for char in chars) + ROUNDING


@pytest.mark.parametrize("printed", each(STANDARD), indirect=True)
def test_no_type_is_smaller_than_9_points_and_no_text_than_12(printed: Printed) -> None:
    assert smallest(printed.characters) >= LEAST_FURNITURE
    body = [piece for piece in printed.pieces if piece.where != "caption"]
    for text in typeset(body, printed.characters):
        assert smallest(text.chars) >= LEAST_TEXT, text.piece.text


@pytest.mark.parametrize("printed", each(LARGE), indirect=True)
def test_in_large_print_every_character_has_18_points(printed: Printed) -> None:
    """Those in the figure, in the form line and in the labels of boxes, too."""
    small = [char.text for char in printed.characters if char.size + ROUNDING < LEAST_LARGE]
    assert "".join(small) == ""
    assert len(printed.characters) > 3000


def slanted(pdf: Path) -> list[str]:
    """Fonts that are italic, and text that is drawn askew to look so."""
    found = []
    with pikepdf.open(pdf) as document:
        descriptors = [one for one in document.objects if isinstance(one, pikepdf.Dictionary) and "/FontName" in one]
        assert descriptors
        for one in descriptors:
            name = str(one.FontName)
            italic_flag = int(one.Flags) & 64
            if "Italic" in name or "Oblique" in name or float(one.ItalicAngle) != 0 or italic_flag:
                found.append(name)
        drawn = [page.obj for page in document.pages]
        drawn += [one for one in document.objects if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Form"]
        for one in drawn:
            for operands, operator in pikepdf.parse_content_stream(one):
                if str(operator) == "Tm" and (float(operands[1]) or float(operands[2])):
                    found.append(f"text matrix {[float(value) for value in operands]}")
    return found


def test_nothing_is_set_in_italics(printed: Printed) -> None:
    assert slanted(printed.path) == []


def test_only_the_clinics_typeface_and_the_figures_are_used(printed: Printed) -> None:
    families = {char.font.replace("-", " ").lower() for char in printed.characters}
    brand = printed.clinic.branding.typeface.lower()
    others = {family for family in families if not family.startswith(brand)}
    assert families - others
    assert all(family.startswith("clinic sans") for family in others)  # of the figure's labels, which are fitted to it


def test_lines_of_text_stand_apart(printed: Printed) -> None:
    """From base line to base line at least 1.3 times the size."""
    seen = 0
    for text in running(printed.document, printed.characters):
        for upper, lower in pairwise(text.lines):
            assert (upper.baseline - lower.baseline) / upper.size >= LEAST_LEADING, lower.text
            seen += 1
    assert seen > 10


# Lines -------------------------------------------------------------------------------------------------------------


def too_long(texts: Sequence[Set]) -> list[str]:
    return [line.text for text in texts for line in text.lines if line.count > MOST_CHARACTERS]


def test_no_line_of_text_is_longer_than_78_characters(printed: Printed) -> None:
    assert too_long(running(printed.document, printed.characters)) == []


def test_nine_of_ten_full_lines_are_easy_to_follow(printed: Printed) -> None:
    texts = running(printed.document, printed.characters)
    full = [line.count for text in texts for line in text.lines[:-1]]  # the last line of a paragraph is rarely full
    assert len(full) > 10
    assert np.percentile(full, 90) <= printed.document.kind.characters


def broken_early(texts: Sequence[Set]) -> list[str]:
    """Lines that end although the next word had found room (pages.md, pitfall 13).

    How wide a column is, its longest line tells; lines belong to one column when they start on the same edge in the
    same kind of place. So a column without any long line is not judged.
    """
    ends: dict[tuple[str, int], float] = {}

    def column(text: Set) -> tuple[str, int]:
        return text.piece.where, round(text.lines[0].left / 2)

    for text in texts:
        ends[column(text)] = max([ends.get(column(text), 0.0), *(line.right for line in text.lines)])
    found = []
    for text in texts:
        for line, following in pairwise(text.lines):
            word = next(words(following))
            glued = line.text.endswith("-") or line.page != following.page
            blank = max((char.end - char.x for char in text.chars if char.text.isspace()), default=0.3 * line.size)
            if not glued and line.right + blank + word[-1].end - word[0].x < ends[column(text)] - SLACK:
                found.append(f"{line.text} | {following.text}")
    return found


def words(line: Line) -> Iterator[list[Char]]:
    word: list[Char] = []
    for char in line.chars:
        if char.text.isspace():
            yield word
            word = []
        else:
            word.append(char)
    yield word


def test_no_line_breaks_before_it_is_full(printed: Printed) -> None:
    assert broken_early(running(printed.document, printed.characters)) == []


# Paper -------------------------------------------------------------------------------------------------------------


def test_no_ink_is_nearer_to_an_edge_than_printers_reach(printed: Printed) -> None:
    assert len(printed.coarse) == printed.pages
    for picture in printed.coarse:
        box = ink.ink_box(picture, dpi=100)
        assert box is not None
        assert min(box) >= INK_LIMIT - PIXEL  # 12.7 mm


def overlaps(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """Lines of one page whose ink boxes lie over each other by more than a hair."""
    boxes = [
        (line, line.left, min(c.bottom for c in line.chars), line.right, max(c.top for c in line.chars))
        for line in lines
    ]
    return [
        (one[0].text, other[0].text)
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
        if one[0].page == other[0].page
        and min(one[3], other[3]) - max(one[1], other[1]) > 0.5
        and min(one[4], other[4]) - max(one[2], other[2]) > 0.1 * min(one[0].size, other[0].size) + 0.5
    ]


def test_no_line_is_printed_over_another(printed: Printed) -> None:
    assert len(printed.lines) > 50
    assert overlaps(printed.lines) == []


def test_no_text_runs_out_of_the_text_area(printed: Printed) -> None:
    width, height = printed.page.size
    for line in printed.lines:
        assert SIDE_MARGIN - BEARING <= line.left < line.right <= width - SIDE_MARGIN + BEARING, line.text
        assert INK_LIMIT <= line.baseline <= height - INK_LIMIT, line.text


# Seen failing ------------------------------------------------------------------------------------------------------

SPOILED = """
.formline { font-size: 8.5pt }
.what { padding-left: 100pt }
p { font-size: 11.5pt; line-height: 14pt; }
.hang { grid-template-columns: 60pt 1fr }
.state { margin-left: -30pt }
h1 { position: absolute; left: -10pt; top: 0 }
.deck { margin-top: -6pt }
"""


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prints.produce(prints.order(HANDOUT), tmp_path_factory.mktemp("spoiled"), css=SPOILED)


def test_small_long_and_overprinted_lines_are_seen(spoiled: Path) -> None:
    document = prints.order(HANDOUT).document
    chars = letters.characters(spoiled)
    texts = running(document, chars)
    assert smallest(chars) < LEAST_FURNITURE
    assert min(smallest(text.chars) for text in texts) < LEAST_TEXT
    assert too_long(texts)
    assert overlaps(letters.lines(chars))
    assert min(line.left for line in letters.lines(chars)) < SIDE_MARGIN - BEARING
    leadings = [(a.baseline - b.baseline) / a.size for text in texts for a, b in pairwise(text.lines)]
    assert min(leadings) < LEAST_LEADING


@pytest.mark.parametrize("way", ["named", "declared", "drawn"])
def test_italics_are_seen(way: str, library: Library, tmp_path: Path) -> None:
    with pikepdf.open(library[HANDOUT].path) as pdf:
        font = next(one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/FontName" in one)
        if way == "named":
            font.FontName = pikepdf.Name("/ABCDEF+Clinic-Sans-Italic")
        elif way == "declared":
            font.ItalicAngle = -11
        else:
            content = list(pikepdf.parse_content_stream(pdf.pages[0]))
            place = next(place for place, (_, operator) in enumerate(content) if str(operator) == "Tm")
            matrix, operator = content[place]
            content[place] = pikepdf.ContentStreamInstruction([*matrix[:2], 0.2, *matrix[3:]], operator)
            pdf.pages[0].obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(content))
        pdf.save(tmp_path / "slanted.pdf")
    assert len(slanted(tmp_path / "slanted.pdf")) == 1


def test_a_line_that_breaks_after_its_first_word_is_seen(library: Library, tmp_path: Path) -> None:
    """Here because a line end was put there."""
    ordered = prints.order(HANDOUT)

    def after_first_word(block: Block) -> Block:
        first = block.content[0] if isinstance(block, Paragraph) else None
        if not isinstance(block, Paragraph) or not isinstance(first, Text) or len(first.text) < 60:
            return block
        word, rest = first.text.split(" ", 1)
        return replace(block, content=(Text(word), LineBreak(), Text(rest), *block.content[1:]))

    sections = tuple(replace(one, blocks=tuple(map(after_first_word, one.blocks))) for one in ordered.document.sections)
    document = replace(ordered.document, sections=sections)
    path = prints.produce(replace(ordered, document=document), tmp_path)
    assert broken_early(running(ordered.document, library[HANDOUT].characters)) == []
    assert len(broken_early(running(document, letters.characters(path)))) >= 2


def test_ink_at_the_edge_is_seen(library: Library) -> None:
    picture = library[CONSENT].coarse[0].copy()
    picture[300, 40] = 0
    box = ink.ink_box(picture, dpi=100)
    assert box is not None
    assert min(box) < INK_LIMIT - PIXEL
