"""Turns words of any script into letters in their places: joined, stacked, and in the order the eye meets them.

Arabic letters join, the vowels of Hindi move, Thai stacks its tones, Hebrew runs from right to left. HarfBuzz knows
how; the order of mixed directions is that of the Unicode bidirectional algorithm.
Source: Unicode Standard Annex 9 (directions), Annex 29 (what belongs to one letter).
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

import uharfbuzz
from bidi import algorithm
from fontTools.pens.basePen import AbstractPen
from fontTools.pens.transformPen import TransformPen

from clinicpress.clinics import FontFace

EM = 1000  # what all measures of this module are in: thousandths of the size of the letters
REGULAR = {"wght": 400.0, "wdth": 100.0}  # of a variable face

_BRACKETS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class LetterCluster:
    """What is drawn as one and says one thing: a letter with its marks, or letters that melt into each other.

    `text` is in the order of the voice; `leftward` says that its line runs to the left there.
    `face` is its number among the faces; `glyphs` holds (number in the face, right, up) of each part. All measures are
    in thousandths of the size.
    """

    text: str = field(repr=False)
    face: int
    glyphs: tuple[tuple[int, int, int], ...] = field(repr=False)
    advance: int
    leftward: bool = False


@dataclass(frozen=True, slots=True)
class Shaped:
    """One line, its clusters from left to right.

    `rightward`: it begins on the left. `mixed`: some of it runs to the left, so that eye and voice differ. `top` and
    `bottom` are the edges of its ink above the line, in thousandths of the size.
    """

    clusters: tuple[LetterCluster, ...] = field(repr=False)
    rightward: bool
    mixed: bool
    top: int
    bottom: int

    @property
    def width(self) -> int:
        """How wide the line is, in thousandths of the size."""
        return sum(cluster.advance for cluster in self.clusters)


@lru_cache(maxsize=500)
def shape(text: str, faces: tuple[FontFace, ...]) -> Shaped:
    """One line of text, set with the first face that has each character.

    Raises `LookupError` with the character when no face has it.
    """
    levels, base = _levels(text)
    runs = []
    for (number, level), group in groupby(zip(_chosen(text, faces), levels, text, strict=True), key=itemgetter(0, 1)):
        runs.append((number, level, "".join(character for _, _, character in group)))
    clusters: list[LetterCluster] = []
    for number, level, words in _by_eye(runs):
        clusters += _shaped(words, number, faces[number], level % 2 == 1)
    edges = [edge for one in clusters for edge in _edges(one, faces[one.face])]
    return Shaped(tuple(clusters), base == 0, any(levels), max(edges, default=0), min(edges, default=0))


def outline(cluster: LetterCluster, face: FontFace, pen: AbstractPen) -> None:
    """Draws a cluster with a pen, in thousandths of the size."""
    font = _font(face)
    scale = EM / font.face.upem
    for glyph, right, up in cluster.glyphs:
        font.draw_glyph_with_pen(glyph, TransformPen(pen, (scale, 0, 0, scale, right, up)))


def _edges(cluster: LetterCluster, face: FontFace) -> Iterator[int]:
    """How far up and down the ink of a cluster goes."""
    font = _font(face)
    for glyph, _, up in cluster.glyphs:
        extents = font.get_glyph_extents(glyph)
        if extents is not None and extents.height:
            for edge in (extents.y_bearing, extents.y_bearing + extents.height):
                yield up + round(edge * EM / font.face.upem)


def _levels(text: str) -> tuple[list[int], int]:
    """The embedding level of each character (odd: from right to left), and that of the whole line.

    The algorithm takes joiners out (rule X9); here they keep the level of the letter before them.
    """
    base = algorithm.get_base_level(text)
    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, "LR"[base]
    algorithm.get_embedding_levels(text, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    _pair_brackets(storage["chars"], "LR"[base])
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    levels: list[int] = []
    resolved = iter(storage["chars"])
    for character in text:
        neutral = unicodedata.bidirectional(character) == "BN"
        levels.append((levels[-1] if levels else base) if neutral else next(resolved)["level"])
    return levels, base


def _pair_brackets(characters: list[dict[str, str]], along: str) -> None:
    """Gives both brackets of a pair one direction, which the library does not: rule N0 of the algorithm."""
    kinds = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
    open_at: list[int] = []
    for place, one in enumerate(characters):
        if one["ch"] in _BRACKETS:
            open_at.append(place)
        while open_at and one["ch"] in _BRACKETS.values():
            start = open_at.pop()
            if _BRACKETS[characters[start]["ch"]] != one["ch"]:
                continue
            inside = {kinds.get(inner["type"], "") for inner in characters[start + 1 : place]} - {""}
            before = next((kinds[e["type"]] for e in reversed(characters[:start]) if e["type"] in kinds), along)
            if inside:
                direction = along if along in inside or before == along else before
                characters[start]["type"] = one["type"] = direction
            break


def _chosen(text: str, faces: Sequence[FontFace]) -> list[int]:
    """The number of the face for each character. Marks, blanks and joiners stay with the letter before them."""
    chosen: list[int] = []
    for character in text:
        before = chosen[-1] if chosen else None
        follows = unicodedata.category(character)[0] in "MZ" or character in "\u200c\u200d"
        if follows and before is not None and (faces[before].writes(character) or character in "\u200c\u200d"):
            chosen.append(before)
            continue
        number = next((n for n, face in enumerate(faces) if face.writes(character)), None)
        if number is None:
            raise LookupError(character)
        chosen.append(number)
    return chosen


def _by_eye(runs: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Runs in the order from left to right. Source: Unicode Standard Annex 9, rule L2."""
    ordered = list(runs)
    for level in range(max((run[1] for run in runs), default=0), 0, -1):
        start = 0
        while start < len(ordered):
            end = start
            while end < len(ordered) and ordered[end][1] >= level:
                end += 1
            ordered[start:end] = reversed(ordered[start:end])
            start = end + 1
    return ordered


def _shaped(words: str, number: int, face: FontFace, leftward: bool) -> Iterator[LetterCluster]:
    """The clusters of a run, from left to right."""
    font = _font(face)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(words)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if leftward else "ltr"
    uharfbuzz.shape(font, buffer)
    scale = EM / font.face.upem
    parts = list(zip(buffer.glyph_infos, buffer.glyph_positions, strict=True))
    starts = sorted({info.cluster for info, _ in parts})
    ends = dict(zip(starts, [*starts[1:], len(words)], strict=True))
    for start, group in groupby(parts, key=lambda part: part[0].cluster):
        pen, glyphs = 0.0, []
        for info, place in group:
            if info.codepoint == 0:
                raise LookupError(words[start])
            glyphs.append((info.codepoint, round((pen + place.x_offset) * scale), round(place.y_offset * scale)))
            pen += place.x_advance
        yield LetterCluster(words[start : ends[start]], number, tuple(glyphs), round(pen * scale), leftward)


@lru_cache(maxsize=16)
def _font(face: FontFace) -> uharfbuzz.Font:
    font = uharfbuzz.Font(uharfbuzz.Face(face.file.data))
    font.set_variations(REGULAR)
    return font
