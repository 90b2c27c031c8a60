"""Reads the words of a PDF with independent extractors, and says which source paragraphs did not survive.

It is there to catch letters that vanish (a glyph whose Unicode is lost extracts as nothing) and letters that become
others; so nothing is forgiven but white space.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from tests.instruments.tools import ToolFailedError, ToolMissingError, library, node, program, run

# A part of a paragraph shorter than this could stand on a page by chance ("the", "of it"), so a paragraph is not taken
# for one that runs over a page end with less than this many characters, blanks not counted, on either side.
LEAST_PART = 12

# pdfium gives a hyphen that ends a line as U+FFFE, to let a reader join the word. The hyphen is on the paper.
PDFIUM_LINE_END_HYPHEN = "\ufffe"

PDFJS_LACKS = re.compile(r"\S+ is not installed: run `npm ci` in tests/pdfjs\.")  # what the scripts say then
SCRIPTS = Path(__file__).resolve().parent.parent / "pdfjs"


def poppler_pages(pdf: Path) -> list[str]:
    """The text of each page as poppler's pdftotext gives it, in the order of the content stream (-raw).

    Raw, because the default mode guesses the columns from the geometry: it takes a heading in the side column away
    from its text, drops the hyphen of "long-lasting" at a line end, and swallows a blank here and there ("A B" → "AB").
    Content order is also what a tagged file promises to be read in.
    """
    text = run(program("pdftotext", "poppler-utils"), "-raw", "-enc", "UTF-8", "-eol", "unix", pdf, "-").decode()
    return text.split("\f")[:-1]  # a form feed ends each page, the last one too


def words_of(pdf: bytes) -> str:
    """The words on all pages of a PDF that lies in memory."""
    return "\n".join(pdfium_pages(pdf))


def pdfium_pages(pdf: Path | bytes) -> list[str]:
    """The text of each page as pdfium, Chrome's viewer, gives it: content order, lines ended by a line feed."""
    pdfium = library("pypdfium2", "pypdfium2")
    with pdfium.PdfDocument(pdf) as document:
        texts = [str(page.get_textpage().get_text_range()) for page in document]
    return [text.replace("\r\n", "\n").replace(PDFIUM_LINE_END_HYPHEN, "-\n") for text in texts]


def pdfjs_pages(pdf: Path) -> list[str]:
    """The text of each page as pdf.js, Firefox's viewer, gives it. Raises ToolMissingError without Node.js."""
    return [str(text) for text in json.loads(pdfjs_script("text.mjs", pdf))]


def pdfjs_script(name: str, pdf: Path, *arguments: str) -> bytes:
    """The JSON that a script of tests/pdfjs prints about a PDF."""
    try:
        return run(node(), SCRIPTS / name, pdf, *arguments)
    except ToolFailedError as error:
        if lacks := PDFJS_LACKS.search(str(error)):
            raise ToolMissingError(lacks[0]) from error
        raise ToolFailedError(f"{name} could not read {pdf.name}: {error}") from error


def normalise(text: str) -> str:
    """The text in NFC, with every run of white space, line ends too, as one blank and none at either end.

    Nothing else is forgiven: a ligature character stays one, a soft hyphen stays, a lost letter is lost.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def missing_paragraphs(paragraphs: Sequence[str], pages: Sequence[str]) -> list[str]:
    """The paragraphs that cannot be found whole in the pages, in their order; an empty list is a pass.

    White space does not count, so a lost blank between two words is not seen here (`words_run_together` sees it).
    A paragraph has to stand free: no letter or digit may touch it, so "No" is not found in "Know".

    A paragraph that runs over a page end is found when it can be cut in two between words, so that one part ends at the
    end of a line of a page and the other begins at the beginning of a line of the next page, each at least
    LEAST_PART characters long. What stands between (foot of one page, head of the next, or a figure that is drawn
    later in the stream) is passed over; no letter of the paragraph can be, because the parts together are the whole.
    A paragraph over three pages is reported as missing.
    """
    return _missing(paragraphs, pages, blanks_count=False)


def words_run_together(paragraphs: Sequence[str], pages: Sequence[str]) -> list[str]:
    """The paragraphs that are there letter by letter, but with a blank too many or too few ("AA swelling" as
    "AAswelling"), which a screen reader says as one word."""
    lost = set(missing_paragraphs(paragraphs, pages))
    return [text for text in _missing(paragraphs, pages, blanks_count=True) if text not in lost]


def _missing(paragraphs: Sequence[str], pages: Sequence[str], blanks_count: bool) -> list[str]:
    leaves = [unicodedata.normalize("NFC", page) for page in pages]
    missing = []
    for paragraph in paragraphs:
        words = normalise(paragraph).split()
        if not words:
            continue  # an empty paragraph would be found everywhere and prove nothing
        whole = _pattern(words, blanks_count)
        if any(_stands_free(whole, leaf) for leaf in leaves):
            continue
        if any(_runs_over(words, *pair, blanks_count) for pair in pairwise(leaves)):
            continue
        missing.append(paragraph)
    return missing


def _pattern(words: Sequence[str], blanks_count: bool) -> str:
    """A pattern for the words, with white space anywhere between the letters or, when blanks count, where it belongs.

    After a hyphen or dash a line may end without a blank in the source, so there a line end is always allowed.
    """
    if not blanks_count:
        return r"\s*".join(re.escape(letter) for word in words for letter in word)
    breakable = (re.sub(r"(\\-|[-–—/])(?=.)", r"\1\\n?", re.escape(word)) for word in words)
    return r"\s+".join(breakable)


def _stands_free(pattern: str, page: str) -> bool:
    return re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", page) is not None


def _runs_over(words: Sequence[str], page: str, following: str, blanks_count: bool) -> bool:
    return any(
        re.search(rf"(?<![^\W_]){_pattern(head, blanks_count)}[^\S\n]*$", page, re.MULTILINE)
        and re.search(rf"^[^\S\n]*{_pattern(tail, blanks_count)}(?![^\W_])", following, re.MULTILINE)
        for head, tail in _cuts(words)
    )


def _cuts(words: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Every cut between two words that leaves enough on both sides. Words are not cut: hyphenation is off."""
    for place in range(1, len(words)):
        head, tail = words[:place], words[place:]
        if min(len("".join(head)), len("".join(tail))) >= LEAST_PART:
            yield head, tail
