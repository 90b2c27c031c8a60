"""Puts what was read into the sections of a document: by heading, and where a heading is missing, by content.

The order of the source stays. A heading of ours is marked with TODO, so that the editor (C37) finds it and nobody
prints it unseen.

Patterns (`languages/imports/`), not a model: each can be read, argued with and tested. A heading may name two roles
("Risks and benefits").
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from clinicpress.documents import (
    KINDS,
    LANGUAGES,
    Block,
    Inline,
    Kind,
    Paragraph,
    Subheading,
    plain_text,
    words_of,
)
from clinicpress.library.imports.tags import Found, Heading, Piece
from clinicpress.words import LANGUAGE_FOLDER

ENOUGH, ENOUGH_OPTIONAL = 3, 4  # points of `content_scores`
_SIGNS_ENOUGH = 2
_LEAD = 2  # points by which another role has to lead before a text is parted
_LONGEST_OPENING = 60  # words under the title


@dataclass(slots=True)
class PlacedSection:
    """A section to be written. `added` says that its heading is ours, not the source's."""

    heading: tuple[Inline, ...]
    roles: tuple[str, ...] = ()
    blocks: list[Block] = field(default_factory=list)
    added: bool = False


@dataclass(slots=True)
class Placed:
    """A text in its sections: title, what stands under it, the sections, and what could not be placed."""

    title: str = ""
    opening: list[Block] = field(default_factory=list)
    parts: list[PlacedSection] = field(default_factory=list)
    rest: list[Block] = field(default_factory=list)


def place(found: Found, kind: Kind) -> Placed:
    """The sections of what was read."""
    placed = Placed()
    pieces = list(found.pieces)
    asked = _take_title(pieces, placed, found)
    opening = _gather(pieces, placed, kind)
    taken = {role for part in placed.parts for role in part.roles}
    _name_by_content(placed, kind, taken, found)
    if asked and opening and "definition" not in taken:  # "What is X?" is title and first heading in one
        placed.parts.insert(0, PlacedSection((), ("definition",), opening, added=True))
        taken.add("definition")
    else:
        placed.parts.insert(0, PlacedSection((), (), opening))
    placed.parts = [piece for part in placed.parts for piece in _parted(part, kind, taken)]
    first = placed.parts[0]
    if not first.roles and not first.heading:
        placed.parts.pop(0)
        _open(first.blocks, placed)
    for part in placed.parts:
        if part.added:
            what = f"The heading of the section '{part.roles[0]}' is ours; the source has none there."
            found.remark(what, "Read it, then delete the TODO in it.", _words(part.blocks[:1])[:200])
    if kind.signed_in:
        _lay_aside_signing(placed, found)
    placed.rest += found.aside
    if placed.rest:
        remedy = "Move each paragraph to its section, then delete the heading."
        found.remark("Text that could not be placed stands at the end, in its own order.", remedy)
    for role in kind.required:
        if role not in taken:
            what = f"No part of the text was found that could be the section '{role}'."
            found.remark(what, f"Write it, or put {{#{role}}} behind the heading that does it.")
    return placed


def _take_title(pieces: list[Piece], placed: Placed, found: Found) -> bool:
    """Takes the title out of the pieces. Returns whether it asks what the thing is, and text follows at once."""
    given = str(found.facts.get("title") or "").strip()
    large = [one for one in pieces if isinstance(one, Heading) and one.sure and one.level == 1]
    first = pieces[0] if pieces and isinstance(pieces[0], Heading) else None
    if first is not None and any(first.role in one.roles for one in KINDS.values()):
        first = None
    if first is not None:
        roles = heading_roles(first.words)
        fits = not roles or roles[0] in ("definition", "statement") or (large == [first])
        first = first if fits else None
    if first is None and len(large) == 1:
        first = large[0]
    if given or first is None:
        placed.title = given or str(found.facts.get("page title") or "")
        return False
    at = next(number for number, one in enumerate(pieces) if one is first)
    del pieces[at]
    placed.title = first.words
    behind = pieces[at] if at < len(pieces) else None
    return heading_roles(first.words)[:1] == ("definition",) and not isinstance(behind, Heading)


def _gather(pieces: list[Piece], placed: Placed, kind: Kind) -> list[Block]:
    """Sections under their headings; returns what stands before the first."""
    opening: list[Block] = []
    blocks = opening
    levels = [one.level for one in pieces if isinstance(one, Heading) and one.sure]
    top = min(levels, default=2)
    taken: set[str] = set()
    for piece in pieces:
        if not isinstance(piece, Heading):
            blocks.append(piece)
            continue
        roles = _roles(piece, kind, taken)
        if not roles and placed.parts and (piece.level > top or (levels and not piece.sure)):
            blocks.append(Subheading(piece.content, 0))
            continue
        taken.update(roles)
        placed.parts.append(PlacedSection(piece.content, roles))
        blocks = placed.parts[-1].blocks
    return opening


def _roles(heading: Heading, kind: Kind, taken: set[str]) -> tuple[str, ...]:
    """The roles of a heading that no heading before it has."""
    known, same = kind.roles, kind.imports.get("same", {})
    if heading.role in known:
        return (heading.role,) if heading.role not in taken else ()
    named = [same.get(role, role) for role in heading_roles(heading.words)]
    if named[:1] == ["definition"] and "definition" in taken:  # "What is prolotherapy?" beside it
        named = [same.get("comparison", "comparison")]
    return tuple(role for role in dict.fromkeys(named) if role in known and role not in taken)


def _name_by_content(placed: Placed, kind: Kind, taken: set[str], found: Found) -> None:
    """A heading whose words tell nothing gets the role that its text speaks for most clearly."""
    for part in placed.parts:
        if part.roles or not part.blocks:
            continue
        open_roles = [role for role in kind.imports.get("by_content", ()) if role not in taken]
        scores = content_scores(_words(part.blocks), open_roles)
        best = max(scores, key=scores.__getitem__, default="")
        heading = " ".join(plain_text(part.heading).split())
        if best and scores[best] >= 2 * ENOUGH:
            part.roles = (best,)
            taken.add(best)
            what = f"The section got the role '{best}' by its content, not by its heading."
            found.remark(what, "Read it; correct the role in braces if it is another.", heading)
        else:
            remedy = "It prints as it is. Add a role in braces if it does the work of one ({#benefits})."
            found.remark("The heading has no role that we know, or one that is taken.", remedy, heading)


def _parted(part: PlacedSection, kind: Kind, taken: set[str]) -> list[PlacedSection]:
    """A section, parted where its text turns to something that no heading announces."""
    parts = [replace(part, blocks=[])]
    for number, block in enumerate(part.blocks):
        at_start = number == 0 and bool(part.heading or part.roles)
        before = part.blocks[number - 1] if number else None
        leads = before is not None and _words([before]).rstrip().endswith(":")
        role = "" if at_start or leads else _turned(block, parts[-1].roles, kind, taken)
        if role:
            taken.add(role)
            parts.append(PlacedSection((), (role,), added=True))
        parts[-1].blocks.append(block)
    return parts


def _turned(block: Block, roles: tuple[str, ...], kind: Kind, taken: set[str]) -> str:
    """The missing role that a block speaks for more than for its own section; else nothing."""
    text = _words([block])
    scores = content_scores(text, [*kind.imports.get("by_content", ()), *roles])
    own = max((scores[role] for role in roles), default=0)
    missing = {role: scores[role] for role in kind.imports.get("by_content", ()) if role not in taken}
    best = max(missing, key=missing.__getitem__, default="")
    if not best:
        return ""
    required = best in kind.required or best == "questions"
    enough = ENOUGH if required else ENOUGH_OPTIONAL
    return best if missing[best] >= max(enough, own + _LEAD if roles else 0) else ""


def _open(blocks: list[Block], placed: Placed) -> None:
    """What stands before the first heading: a short paragraph under the title, the rest to be placed."""
    if blocks and isinstance(blocks[0], Paragraph) and len(_words(blocks[:1]).split()) <= _LONGEST_OPENING:
        placed.opening = [blocks.pop(0)]
    placed.rest += blocks


def _lay_aside_signing(placed: Placed, found: Found) -> None:
    """Lines to sign on go to the end: the form prints its own fields."""
    for part in placed.parts:
        signing = [
            one for one in part.blocks if isinstance(one, Paragraph) and _TO_SIGN.search(plain_text(one.content))
        ]
        if signing:
            part.blocks = [one for one in part.blocks if one not in signing]
            placed.rest += signing
            words = " / ".join(plain_text(one.content) for one in signing)
            found.remark(
                "Lines to sign or fill in stand at the end.", "The form's blocks print them: delete them.", words
            )


def _words(blocks: list[Block]) -> str:
    return " ".join(text for _, text in words_of(blocks))


_ROWS: Sequence[Mapping[str, Any]] = [
    tomllib.loads((LANGUAGE_FOLDER / "imports" / f"{tag}.toml").read_text(encoding="utf-8"))
    for tag in LANGUAGES
    if (LANGUAGE_FOLDER / "imports" / f"{tag}.toml").is_file()
]


def _told(table: str, key: str) -> list[str]:
    """The patterns of all languages under a key."""
    return [pattern for row in _ROWS for pattern in row[table].get(key, ())]


def _groups(role: str, strength: str) -> list[list[str]]:
    """The groups of patterns of a role; those of one place in several languages are one."""
    every = zip_longest(*(row["content"].get(role, {}).get(strength, ()) for row in _ROWS), fillvalue=())
    return [[pattern for group in groups for pattern in group] for groups in every]


_HEADING = [(role, re.compile("|".join(_told("headings", role)))) for role in _ROWS[0]["headings"]]
_ARTICLES, _ADJECTIVES = ("|".join(_told("words", key)) for key in ("articles", "adjectives"))
_EXACT = re.compile(f"(?:(?:{_ARTICLES}) )?(?:(?:{_ADJECTIVES}) )?(?:{'|'.join(_told('names', 'whole'))})")
_JOINED = re.compile(rf"\b(?:{'|'.join(_told('words', 'and'))})\b")
_CHOICES = re.compile("|".join(_told("words", "choices")))
_TO_SIGN = re.compile(rf"_{{3,}}|\.{{6,}}|^\s*(?:{'|'.join(_told('words', 'signing'))})\s*:?\s*$", re.IGNORECASE)
# Three points are enough for a section of its own (`placing.ENOUGH`).
_STRONG, _WEAK = 3, 1
_CONTENTS = {
    role: [
        (weight, re.compile(rf"\b(?:{'|'.join(words)})\b"))
        for weight, key in ((_STRONG, "strong"), (_WEAK, "weak"))
        for words in _groups(role, key)
    ]
    for role in dict.fromkeys(role for row in _ROWS for role in row["content"])
}


def folded(text: str) -> str:
    """A text in small letters, without accents and curly quotes, in one line."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return " ".join("".join(one for one in plain if not unicodedata.combining(one)).split())


def heading_roles(words: str, *, exact: bool = False) -> tuple[str, ...]:
    """The roles that a heading names, the first of them the main one; none when its words tell nothing.

    With `exact`, only lines count that can be nothing but a heading.
    """
    text = folded(words).strip(" ¿?¡!:.0123456789)-–")
    if exact:
        return ("section",) if _EXACT.fullmatch(text) else ()
    roles = [role for role, pattern in _HEADING if pattern.search(text)]
    if "benefits" in roles and "drawbacks" in roles and _JOINED.search(text):
        return ("benefits", "drawbacks")
    if _CHOICES.search(text):
        return ("comparison", "alternatives", *(role for role in roles if role == "no-treatment"))
    return tuple(roles[:1]) if not roles or roles[0] != "drawbacks" else ("drawbacks", "risks")


def content_scores(text: str, roles: Sequence[str]) -> dict[str, int]:
    """How strongly a text speaks for each role, in points."""
    plain = folded(text)
    scores = {}
    for role in roles:
        rows = _CONTENTS.get("drawbacks" if role == "risks" else role, [])
        scores[role] = sum(
            weight if weight == _STRONG else min(3, len(set(pattern.findall(plain)))) * weight
            for weight, pattern in rows
            if pattern.search(plain)
        )
    return scores


def kind_by_signs(text: str, kinds: Mapping[str, Kind]) -> tuple[Kind, list[str]]:
    """The kind that the words of a text speak for, and those words, each once; without any, the first kind."""
    plain = folded(text)
    for kind in (one for one in kinds.values() if "signs" in one.imports):
        signs = {found[0] for found in re.finditer("|".join(kind.imports["signs"]), plain)}
        if len(signs) >= _SIGNS_ENOUGH:
            return kind, sorted(signs)
    return next(iter(kinds.values())), []
