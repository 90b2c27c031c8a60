"""Judges a finished PDF against the text that its author wrote: what is lost, doubled, misplaced, covered or cut.

Each finding names its rule, the page and the word. An empty list is a pass.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from tests.instruments import sheet_rules
from tests.instruments.paper import Paper, Word
from tests.instruments.paper_reading import read_paper
from tests.instruments.sheet_rules import Finding
from tests.instruments.source import REPEATED, Piece, Source, bare, key, read_source, words_around, words_of

ROOT = Path(__file__).resolve().parents[2]
NUMBERED = re.compile(r"\d+\.")


@dataclass(slots=True)
class Match:
    """The words of the paper beside those of the source."""

    words: Sequence[Word]
    pieces: Sequence[Piece]
    piece_of: list[int | None]  # of each word on the paper: the piece that it belongs to
    lost: list[tuple[int, list[str]]] = field(default_factory=list)  # piece, and its words that are not there
    extra: list[list[int]] = field(default_factory=list)  # words of the paper that stand there beside the author's


def judge(pdf: Path, source: Path, clinic: Path, facts: Mapping[str, Any], also: Sequence[str] = ()) -> list[Finding]:
    """What is wrong with a printed document.

    `facts` is its entry in the manifest, `also` what else the template may say (the title of the leaflet of a form).
    """
    paper, written = read_paper(pdf), read_source(source)
    texts = _around(written, clinic, also)
    match = compare(paper, written, {word for text in texts for word in words_of(text)})
    found = [*_words(paper, written, match, words_around([*texts, MONTHS])), *_whole(paper, match)]
    fields = [(str(one["name"]), int(one["page"]), tuple(one["rectangle"])) for one in facts.get("fields", [])]
    written_words = [word for word, piece in zip(match.words, match.piece_of, strict=True) if piece is not None]
    found += sheet_rules.sheet_findings(paper, match.words, written_words, [*fields, *paper.fields])
    found += _own_fields(written, fields)
    if facts["pages"] != len(paper.sizes):
        found.append(Finding("pages", 0, f"the manifest says {facts['pages']}, the file has {len(paper.sizes)}"))
    return sorted(set(found), key=lambda one: (one.page, one.rule, one.said))


def compare(paper: Paper, source: Source, template: Set[str] = frozenset()) -> Match:
    """Lays the words of the paper beside those of the source, in the order of reading.

    A word that a line end breaks is known by the source or, if it is one of the `template`, by that.
    """
    numbers = {word for piece in source.pieces if piece.kind == "number" for word in piece.words}
    words = paper.words({text for word in source.words | numbers for text in (word, word + ":")} | template)
    if source.front.get("kind") == "consent":  # the sections of a form are numbered by the template
        before = [-1, *(word.block for word in words)]
        words = [word for word, last in zip(words, before, strict=False) if not _numbers_heading(paper, word, last)]
    words = _without_template(words, source)
    wanted = [(key(word), place) for place, piece in enumerate(source.pieces) for word in piece.words]
    wanted = [(one, place) for one, place in wanted if one]
    words = [word for word in words if key(word.text)]
    piece_of: list[int | None] = [None] * len(words)
    lost: list[tuple[int, list[str]]] = []
    extra: list[list[int]] = []
    texts = [key(word.text) for word in words]
    matcher = SequenceMatcher(None, [text for text, _ in wanted], texts, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            for place in range(last - first):
                piece_of[start + place] = wanted[first + place][1]
            continue
        for text, place in wanted[first:last]:
            if lost and lost[-1][0] == place:
                lost[-1][1].append(text)
            else:
                lost.append((place, [text]))
        if end > start:
            extra.append(list(range(start, end)))
    return Match(words, source.pieces, piece_of, lost, extra)


def _without_template(words: Sequence[Word], source: Source) -> list[Word]:
    """The words without blocks that say just what a template says, such as the label of a field.

    What the author wrote in the same words stays; so does what is in a block with other words.
    """
    written = {" ".join(piece.words) for piece in source.pieces}
    left: list[Word] = []
    for _, block in groupby(words, key=lambda word: word.block):
        run = list(block)
        said = " ".join(word.text for word in run)
        if said in written or not _phrases().fullmatch(said):
            left += run
    return left


def _numbers_heading(paper: Paper, word: Word, last: int) -> bool:
    return paper.role(word.block) == "H2" and last != word.block and NUMBERED.fullmatch(word.text) is not None


# Words --------------------------------------------------------------------------------------------------------------


def _words(paper: Paper, source: Source, match: Match, around: set[str]) -> Iterator[Finding]:
    runs = [run for group in match.extra for run in _blocks(match, group)]
    spare = Counter(key(match.words[place].text) for run in runs for place in run)
    for place, keys in match.lost:
        piece = match.pieces[place]
        said = " ".join(keys)
        if piece.kind == "number":
            yield Finding("number", 0, f"line {piece.line}: {said} is not the number on the paper")
        elif all(spare[text] for text in keys):
            yield Finding("order", 0, f"line {piece.line}: {said!r} is on the paper, but not in its place")
        else:
            yield Finding("lost", 0, f"line {piece.line}: {said!r} ({piece.kind}) is not on the paper")
    for run in runs:
        yield from _beside([match.words[place] for place in run], paper, source, match, around)
    for word in match.words:
        if word.text.endswith("::") and word.text not in source.words:
            yield Finding("doubled", word.page, f"{word.text!r} ends with two colons")


def _beside(words: Sequence[Word], paper: Paper, source: Source, match: Match, around: set[str]) -> Iterator[Finding]:
    """What is wrong with words of one block that stand on the paper beside the author's."""
    said, page, block = " ".join(word.text for word in words), words[0].page, words[0].block
    texts = tuple(key(word.text) for word in words)
    choices = {key(word) for option in source.options for word in option.split()}
    if _phrases().fullmatch(said) or choices.issuperset(texts):
        return
    parts = source.parts
    again = texts in parts or any(texts[at : at + REPEATED] in parts for at in range(len(texts) - REPEATED + 1))
    mine = {word.block for word, place in zip(match.words, match.piece_of, strict=True) if place is not None}
    tables = {table for one in mine for table in paper.inside(one, "Table")}
    if again:
        yield Finding("doubled", page, f"{said!r} is there more often than in the source")
    elif block in mine or tables & set(paper.inside(block, "Table")):
        yield Finding("doubled", page, f"{said!r} is there, and its author did not write it there")
    elif unknown := [word for word in texts if not _added(word, around)]:
        yield Finding("stray", page, f"{said!r}: nobody wrote {unknown[0]!r}")


def _blocks(match: Match, group: Sequence[int]) -> list[list[int]]:
    """Words that follow each other, cut where another block begins."""
    runs: list[list[int]] = []
    for place in group:
        if runs and match.words[runs[-1][-1]].block == match.words[place].block:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _added(word: str, around: set[str]) -> bool:
    """Whether a template may have said this word: its own, a number, the short name of a revision."""
    return bare(word) in around or not re.search(r"[^\W\d_]", word) or bool(re.fullmatch(r"\W*[0-9a-f]{8}\W*", word))


@cache
def _messages() -> tuple[str, ...]:
    """All messages of the templates, in every language."""
    texts: list[str] = []
    for path in sorted((ROOT / "templates" / "locales").glob("*/LC_MESSAGES/*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                for text in (message.id, message.string):
                    texts += [text] if isinstance(text, str) else list(text)
    return tuple(texts)


_OPEN = re.compile(r"\{\w+\}.*\{\w+\}")


@cache
def _phrases() -> re.Pattern[str]:
    """The messages of more than one word, with anything for their values.

    What begins and ends with a value is none: it would be anything with a word like "of" in it.
    """
    long = [" ".join(text.split()) for text in _messages() if len(text.split()) > 1 and not _OPEN.fullmatch(text)]
    return re.compile("|".join(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) for text in long))


def _around(source: Source, clinic: Path, also: Sequence[str]) -> list[str]:
    """What a template may add: its own words in every language, the clinic's, and those of the front matter."""
    texts = [*also, *source.options, *_messages()]
    with clinic.open("rb") as file:
        texts += _strings(tomllib.load(file))
    texts += _strings(source.front)
    return texts + [re.sub(r"[{}]", " ", text) for text in texts]


MONTHS = """
January February March April May June July August September October November December Jan Feb Mar Apr Jun Jul Aug Sep
Sept Oct Nov Dec enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre ene feb mar
abr may jun jul ago sept oct nov dic de English Español DRAFT
"""


def _strings(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in _strings(one)]
    return [str(value)]


# Wholes -------------------------------------------------------------------------------------------------------------


TAGS = {"title": "H1", "heading": "H", "number": "Lbl", "cell": "T", "caption": "Caption"}


def _whole(paper: Paper, match: Match) -> Iterator[Finding]:  # noqa: C901  a case a kind of whole
    """What the author wrote in one is one element, a list within a list is one, and a table is one."""
    blocks: dict[int, list[Word]] = {}
    for word, place in zip(match.words, match.piece_of, strict=True):
        if place is not None:
            blocks.setdefault(place, []).append(word)
    holders: dict[tuple[str, int], set[int]] = {}
    for place, words in blocks.items():
        piece, first = match.pieces[place], words[0]
        ends = f"line {piece.line}: {' '.join(piece.words[:6])!r}"
        if len({word.block for word in words}) > 1:
            pages = sorted({word.page for word in words})
            yield Finding("parted", first.page, f"{ends} is several elements of the tag tree (pages {pages})")
        above = paper.inside(first.block, "L")
        if len(above) != piece.depth and piece.listing:
            yield Finding("nesting", first.page, f"{ends} is {piece.depth} lists deep, and {len(above)} in the tags")
        if not paper.role(first.block).startswith(TAGS.get(piece.kind, "")):
            yield Finding("tag", first.page, f"{ends} ({piece.kind}) is tagged {paper.role(first.block)}")
        for role, number in (("L", piece.listing), ("Table", piece.table)):
            if number:
                holders.setdefault((role, number), set()).add((paper.inside(first.block, role) or [-1])[-1])
    for (role, number), found in holders.items():
        if len(found) > 1 or -1 in found:
            line = next(one.line for one in match.pieces if number == (one.listing if role == "L" else one.table))
            yield Finding("parted", 0, f"line {line}: what begins here is not one {role} in the tag tree")


def _own_fields(source: Source, fields: Sequence[tuple[str, int, Any]]) -> Iterator[Finding]:
    places = Counter(name for name, _, _ in fields)
    for name in source.fields:
        if not places[name]:
            yield Finding("field", 0, f"the author's field {name} has no place")
