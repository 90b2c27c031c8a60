"""B: whether the finished pages can be read: size, length, colour and distance of the lines, as the paper shows them.

These rules look at what was printed (`check --pages`), not at the content. What is text and what is a label, the source
decides: in the PDF both are paragraphs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, pairwise

from clinicpress.documents import Document, Paragraph, plain_text
from clinicpress.documents.blocks import walk
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.legibility import Colours, LaidOut, Line, ReadBack, TagPlace
from clinicpress.lint.brand import grey_value, luminance
from clinicpress.lint.rules import Context, rule

CLEAR_PRINT = "docs/decisions/page.md, after RNIB clear print"
ROUNDING = 0.05  # points: sizes come back from the file with some 0.001 of error
LEAST_LARGE = 18.0  # points, for everything. Source: RNIB large print
FEWEST_LINES = 10  # fewer full lines say nothing about "nine of ten"
LEAST_RATIO = 4.5  # WCAG level AA for text
LEAST_LEADING = 1.3  # of the size, from base to base
SENTENCE_ENDS = (".", "?", "!")


class LineRole(Enum):
    """What a line is to its reader: what it is called in a finding, and how small it may be in points."""

    TEXT = "text", 12.0
    LABEL = "labels and captions", 10.0
    FURNITURE = "head and foot of the page", 9.0


@dataclass(frozen=True, slots=True)
class _TextPiece:
    """A paragraph, heading or cell with its lines; `line` is its place in the source when it is a paragraph of it."""

    lines: tuple[Line, ...]
    part: LineRole
    line: int = 0

    @property
    def running(self) -> bool:
        """Whether it is a paragraph or a list item of the author's."""
        return self.line > 0


def _letters(text: str) -> str:
    return "".join(text.split())


def _pieces(printed: ReadBack) -> Iterator[_TextPiece]:
    """What was printed, in order; each line of the furniture by itself."""
    document = printed.document
    sources = _paragraphs(document)
    labels = _labels(document)
    for number, found in groupby(printed.lines, key=lambda line: line.piece):
        lines = tuple(found)
        match lines[0].place:
            case TagPlace.FURNITURE:
                yield from (_TextPiece((line,), LineRole.FURNITURE) for line in lines)
            case TagPlace.FIGURE:
                yield _TextPiece(lines, LineRole.LABEL)
            case TagPlace.TEXT if number >= 0:
                words = _letters("".join(line.text for line in lines))
                term, _, explanation = words.partition(":")
                line = sources.get(words, sources.get(explanation, 0) if term else 0)
                named = not line and (words.startswith(labels) or not words.endswith(SENTENCE_ENDS))
                yield _TextPiece(lines, LineRole.LABEL if named else LineRole.TEXT, line)
            case TagPlace.CELL if _letters("".join(line.text for line in lines)) in labels:
                yield _TextPiece(lines, LineRole.LABEL)  # the head of a column that is filled in
            case _:
                yield _TextPiece(lines, LineRole.TEXT)


def _paragraphs(document: Document) -> dict[str, int]:
    """The paragraphs of a document by their letters, with their lines; the line below the title is none."""
    blocks = [*document.opening[1:], *(block for section in document.sections for block in section.blocks)]
    blocks += [block for note in document.notes for block in note]
    found = (block for block in walk(blocks) if isinstance(block, Paragraph))
    return {_letters(plain_text(one.content)): one.line for one in found}


def _labels(document: Document) -> tuple[str, ...]:
    """How labels begin. The labels that stand in English as well, for staff, are one paragraph under their title."""
    labels = [label for one in document.fields() for label in (one.label, one.large_label)]
    labels += [block.beside.title for block in document.form_blocks if block.beside is not None]
    return tuple(_letters(label) for label in labels if label)


def _where(printed: ReadBack, line: Line) -> str:
    return f"{'large' if printed.page.large else 'standard'} print, page {line.page}"


def _many(lines: Sequence[Line], what: str) -> str:
    return f"1 line {what}" if len(lines) == 1 else f"{len(lines)} lines {what}"


@rule("B09", "small-type", source=CLEAR_PRINT)
def small_type(rule: Rule, printed: ReadBack, context: Context) -> Iterator[Problem]:
    """Text has 12 points or more; labels, captions and words in figures 10, the head and foot of a page 9.

    In large print everything has 18 or more, words in figures too.

    Wrong: a figure whose words print at 7 points. Right: fewer words in it, or a larger drawing.
    """
    small: dict[LineRole, list[tuple[Line, int]]] = {}
    for piece in _pieces(printed):
        least = LEAST_LARGE if printed.page.large else piece.part.value[1]
        found = [(line, piece.line) for line in piece.lines if line.smallest + ROUNDING < least]
        if found:
            small.setdefault(piece.part, []).extend(found)
    for part, found in small.items():
        name, least = part.value
        line, place = min(found, key=lambda one: one[0].smallest)
        least = LEAST_LARGE if printed.page.large else least
        many = _many([one for one, _ in found], f"of {name}")
        message = (
            f"{many} printed smaller than {least:g} points; the smallest has {line.smallest:.1f} "
            f"({_where(printed, line)})."
        )
        remedy = "Enlarge it: in a figure the words of the drawing, elsewhere the style sheet."
        yield rule.found(str(printed.document.file), place, message, remedy, line.text)


@rule("B10", "line-length", source=CLEAR_PRINT, severity=Severity.WARNING)
def line_length(rule: Rule, printed: ReadBack, context: Context) -> Iterator[Problem]:
    """Nine of ten full lines of text have at most 70 characters in a handout, 76 in a consent form.

    The eye loses its way back to the next line when lines are long. Last lines of paragraphs are not counted.

    Wrong: text across the full width of the page. Right: a narrower column.
    """
    most = printed.document.kind.characters
    full = [(line, piece.line) for piece in _pieces(printed) if piece.running for line in piece.lines[:-1]]
    long = [one for one in full if one[0].characters > most]
    if len(full) < FEWEST_LINES or 10 * len(long) <= len(full):
        return
    line, place = max(long, key=lambda one: one[0].characters)
    message = (
        f"{len(long)} of {len(full)} full lines have more than {most} characters; the longest has {line.characters} "
        f"({_where(printed, line)})."
    )
    remedy = "Make the column narrower or the type larger; in a form, use fewer short words."
    yield rule.found(str(printed.document.file), place, message, remedy, line.text)


def contrast_between(ink: Colours, grey: bool = False) -> float:
    """The contrast of letters on their ground, from 1 to 21; `grey`: as a black and white printer makes them."""
    colors = [ink.letters, ink.ground]
    if grey:
        colors = ["#" + f"{grey_value(color):02x}" * 3 for color in colors]
    darker, lighter = sorted(map(luminance, colors))
    return (lighter + 0.05) / (darker + 0.05)


@rule("B11", "print-contrast", source="WCAG 2.2, 1.4.3; ITU-R BT.601 for grey")
def print_contrast(rule: Rule, printed: ReadBack, context: Context) -> Iterator[Problem]:
    """Letters stand at least 4.5:1 against what is printed under them, in colour and in black and white.

    Wrong: words in pale grey in a figure, or white words on a middle blue. Right: nearly black on white.
    """
    seen: set[Colours] = set()
    for piece in _pieces(printed):
        for line in piece.lines:
            for ink in (one for one in line.inks if one not in seen):
                seen.add(ink)
                ratios = contrast_between(ink), contrast_between(ink, grey=True)
                if min(ratios) < LEAST_RATIO:
                    shown = "in black and white " if ratios[0] >= LEAST_RATIO else ""
                    message = (
                        f"Letters in {ink.letters} on {ink.ground} have {shown}a contrast of {min(ratios):.1f}:1; they "
                        f"need {LEAST_RATIO:g}:1 ({_where(printed, line)})."
                    )
                    remedy = "Take a darker colour for the letters, or white behind them."
                    yield rule.found(str(printed.document.file), piece.line, message, remedy, line.text)


@rule("B12", "leading", source=CLEAR_PRINT, severity=Severity.WARNING)
def leading(rule: Rule, printed: ReadBack, context: Context) -> Iterator[Problem]:
    """In a paragraph it is at least 1.3 times the type size from line to line, so that lines do not run together.

    Wrong: type of 12 points, 14 from line to line. Right: 16.
    """
    found = [
        ((upper.baseline - lower.baseline) / upper.size, lower, piece.line)
        for piece in _pieces(printed)
        if piece.running
        for upper, lower in pairwise(piece.lines)
        if upper.page == lower.page
    ]
    tight = [one for one in found if one[0] + ROUNDING / LEAST_LARGE < LEAST_LEADING]
    if tight:
        ratio, line, place = min(tight, key=lambda one: one[0])
        many = _many([one for _, one, _ in tight], "too near to the one above")
        message = (
            f"{many}: from line to line at least {LEAST_LEADING:g} times the size is needed, the least is {ratio:.2f} "
            f"({_where(printed, line)})."
        )
        yield rule.found(str(printed.document.file), place, message, "Set the lines further apart.", line.text)


@rule("B13", "not-on-paper", source="docs/decisions/page.md")
def not_on_paper(rule: Rule, laid: LaidOut, context: Context) -> Iterator[Problem]:
    """Every word, heading, picture and field of the source stands on the paper: whole, once, in order, over nothing.

    What is found here, `build` refuses to print (exit code 4). `check --words` does not look.

    Wrong: a table of twelve columns whose words lie over each other. Right: two tables, or fewer columns.
    """
    size = "large" if laid.page.large else "standard"
    for file, line, message, remedy in laid.faults:
        yield rule.found(file, line, f"{message} ({size} print)", remedy)


@rule("B14", "broken-words", source="docs/decisions/page.md", severity=Severity.WARNING)
def broken_words(rule: Rule, laid: LaidOut, context: Context) -> Iterator[Problem]:
    """Words of a table fit into their columns; a word that breaks in its middle is hard to read.

    Wrong: nine columns, of which one reads "Hydroxy" and in the next line "chloroquine". Right: the days in rows.
    """
    size = "large" if laid.page.large else "standard"
    for file, line in laid.broken:
        message = f"The columns of this table are too narrow for their words, which break ({size} print)."
        yield rule.found(file, line, message, "Use fewer columns or shorter words, or turn the table: columns to rows.")


@rule("B15", "too-many-sides", source="docs/kinds.md", severity=Severity.WARNING)
def too_many_sides(rule: Rule, laid: LaidOut, context: Context) -> Iterator[Problem]:
    """A paper fits on the sides that its kind usually has, in standard print.

    Wrong: an acknowledgement of three sides. Right: shorter sections, or blocks that nobody needs left out.
    """
    if laid.document is None or laid.page.large:
        return
    most = laid.document.kind.sides
    if most and laid.sides > most:
        message = f"It takes {laid.sides} sides; a paper of this kind usually has {most}."
        yield rule.found(str(laid.document.file), 1, message, "Shorten it, or leave out blocks that nobody needs.")


LAYOUT_RULES = (not_on_paper, broken_words, too_many_sides)
RULES = (small_type, line_length, print_contrast, leading)
