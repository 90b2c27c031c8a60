"""Puts what was read into the sections of a document: by heading, and where a heading is missing, by content.

The order of the source stays. A heading of ours is marked with TODO, so that the editor (C37) finds it and nobody
prints it unseen.

What is meant, patterns tell (`meaning`). A heading may name two roles ("Risks and benefits").
"""

from dataclasses import dataclass, field, replace

from clinicpress.documents import (
    KINDS,
    Block,
    Inline,
    Kind,
    Listing,
    Paragraph,
    Subheading,
    plain_text,
    words_of,
)
from clinicpress.documents.blocks import mapped
from clinicpress.library.imports.meaning import TO_SIGN, content_scores, content_words, heading_roles, printed_words
from clinicpress.library.imports.tags import Found, Heading, Piece, without_notes

ENOUGH, ENOUGH_OPTIONAL = 3, 4  # points of `content_scores`
_LEAD = 2  # points by which another role has to lead before a text is parted
_AROUND = 80  # characters beside a blank
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
    opening = _gather(pieces, placed, kind, found)
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
        _open(first.blocks, placed, found)
    for part in placed.parts:
        if part.added and part.roles:
            what = f"The heading of the section '{part.roles[0]}' is ours; the source has none there."
            found.remark(what, "Read it, then delete the TODO in it.", _words(part.blocks[:1])[:200])
        elif not part.blocks:
            remedy = "Write its text, join it with the heading below, or delete it."
            found.remark("A heading has no text under it.", remedy, plain_text(part.heading))
    if kind.signed_in:
        _lay_aside_signing(placed, found, kind)
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


def _gather(pieces: list[Piece], placed: Placed, kind: Kind, found: Found) -> list[Block]:
    """Sections under their headings; returns what stands before the first."""
    opening: list[Block] = []
    blocks = opening
    within = _within_others(pieces, kind)
    taken: set[str] = set()
    for number, piece in enumerate(pieces):
        if not isinstance(piece, Heading):
            blocks.append(piece)
            continue
        if number in within and placed.parts:
            blocks.append(Subheading(piece.content, 0))
            continue
        roles = _roles(piece, kind, taken)
        behind = pieces[number + 1] if number + 1 < len(pieces) else None
        if not roles and isinstance(behind, Heading) and behind.level > piece.level and number + 1 not in within:
            what = "A heading that stands above other headings, and has no text, was left out."
            found.left_out(what, "Put its words into the headings below it, where they are needed.", piece.words)
            continue
        taken.update(roles)
        placed.parts.append(PlacedSection(piece.content, roles))
        blocks = placed.parts[-1].blocks
    return opening


def _within_others(pieces: list[Piece], kind: Kind) -> set[int]:
    """The headings that stay within the section of another heading, as their author nested them.

    Those under one heading stay there together, or become sections together: when they do what sections do, and the
    one above them does nothing of its own. So no text gets under a heading that is not its own. Under a heading
    without text, which is left out then, they have to do two things that no other heading does.
    """
    levels = [one.level for one in pieces if isinstance(one, Heading) and one.sure]
    lowest = max(levels, default=0) + 1  # where a heading stands that only its looks make one
    above: list[tuple[int, int]] = []  # the headings that are open: level and place
    groups: dict[int, list[int]] = {}
    for number, piece in enumerate(pieces):
        if isinstance(piece, Heading):
            level = piece.level if piece.sure or not levels else max(lowest, piece.level)
            while above and above[-1][0] >= level:
                above.pop()
            if above:
                groups.setdefault(above[-1][1], []).append(number)
            above.append((level, number))
    first = {number: roles[0] for number, one in enumerate(pieces) if (roles := _head_roles(one, kind))}
    within: set[int] = set()
    for parent, children in sorted(groups.items()):
        heads = [piece for number in children if isinstance(piece := pieces[number], Heading)]
        known = [_head_roles(pieces[number], kind) for number in children]
        own = parent in first
        by_looks = not heads[0].sure and all(known) and children[0] > parent + 1
        bare = children[0] == parent + 1  # without text of its own, it is there for those under it
        here = {role for roles in known for role in roles[:1]}
        does = len(here - {role for number, role in first.items() if number not in children}) > 1 if bare else here
        if parent in within or not (by_looks or (does and not own)):
            within.update(children)
    return within


def _known_roles(heading: Heading, kind: Kind) -> list[str]:
    """The roles of the kind that the words of a heading name."""
    if heading.role in kind.roles:
        return [heading.role]
    same = kind.imports.get("same", {})
    return [role for one in heading_roles(heading.words) if (role := same.get(one, one)) in kind.roles]


def _head_roles(piece: Piece, kind: Kind) -> list[str]:
    """The roles of the kind that a piece names, which only a heading does."""
    return _known_roles(piece, kind) if isinstance(piece, Heading) else []


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
    nested = next((at for at, block in enumerate(part.blocks) if isinstance(block, Subheading)), len(part.blocks))
    for number, block in enumerate(part.blocks):
        at_start = number == 0 and bool(part.heading or part.roles)
        before = part.blocks[number - 1] if number else None
        leads = before is not None and _words([before]).rstrip().endswith(":")
        counts = _counts_on(part.blocks, number)  # no heading of ours stands within a list of the author's
        settled = at_start or leads or counts or number >= nested  # what its author headed stays under that heading
        role = "" if settled else _turned(block, parts[-1].roles, kind, taken)
        if role and not _returns(part.blocks[number + 1 :], part.roles, role):
            taken.add(role)
            parts.append(PlacedSection((), (role,), added=True))
        parts[-1].blocks.append(block)
    return parts


def _counts_on(blocks: list[Block], number: int) -> bool:
    """Whether a numbered list that began before a block goes on in it or behind it."""
    starts = [(at, one) for at, one in enumerate(blocks) if isinstance(one, Listing) and one.start is not None]
    ends = {(one.start or 0) + len(one.items) for at, one in starts if at < number}
    return any(one.start in ends and (one.start or 0) > 1 for at, one in starts if at >= number)


def _returns(behind: list[Block], own: tuple[str, ...], role: str) -> bool:
    """Whether the text comes back to what the author's heading says: then a heading of ours would be wrong above it."""
    scores = (content_scores(_words([block]), [*own, role]) for block in behind)
    return bool(own) and any(max(one[each] for each in own) >= max(ENOUGH, one[role] + _LEAD) for one in scores)


def _turned(block: Block, roles: tuple[str, ...], kind: Kind, taken: set[str]) -> str:
    """The missing role that a block speaks for more than for its own section; else nothing."""
    text = _words([block])
    scores = content_scores(text, [*kind.imports.get("by_content", ()), *roles])
    own = max((scores[role] for role in roles), default=0)
    missing = {role: scores[role] for role in kind.imports.get("by_content", ()) if role not in taken}
    best = max(missing, key=missing.__getitem__, default="")
    if not best:
        return ""
    enough = ENOUGH if best in kind.required else ENOUGH_OPTIONAL
    return best if missing[best] >= max(enough, own + _LEAD if roles else 0) else ""


def _open(blocks: list[Block], placed: Placed, found: Found) -> None:
    """What stands before the first heading: a short paragraph under the title, the rest to be placed."""
    if blocks and isinstance(blocks[0], Paragraph) and len(_words(blocks[:1]).split()) <= _LONGEST_OPENING:
        placed.opening = [blocks.pop(0)]
    if placed.parts and blocks:  # in its place, for the order of the source stays
        what = "Text before the first heading stands under a heading of ours."
        found.remark(what, "Move it to its section, then delete the heading.", _words(blocks[:1])[:200])
        placed.parts.insert(0, PlacedSection((), (), blocks, added=True))
    else:
        placed.rest += blocks


def _lay_aside_signing(placed: Placed, found: Found, kind: Kind) -> None:
    """Lines that the form's own blocks print go to the end. Other lines to fill in stay where their author put them."""
    printed = printed_words(kind)
    for part in placed.parts:
        lines = [one for one in part.blocks if isinstance(one, Paragraph) and TO_SIGN.search(plain_text(one.content))]
        signing = [one for one in lines if content_words(plain_text(one.content)) <= printed]
        if signing:
            part.blocks = [one for one in part.blocks if one not in signing]
            placed.rest += signing
            words = " / ".join(plain_text(one.content) for one in signing)
            remedy = "The form's blocks print them: delete them."
            found.remark("Lines to sign or fill in stand at the end.", remedy, words)
        for one in lines:
            if one not in signing:
                remedy = "Write them as fields (::: fields), for no block of the form prints them."
                words = " ".join(plain_text(one.content).split())
                at = max(words.find("___") - _AROUND, 0)
                found.remark("Places to fill in stand in the text as blanks.", remedy, words[at : at + 2 * _AROUND])


def _words(blocks: list[Block]) -> str:
    return " ".join(text for _, text in words_of(mapped(blocks, without_notes)))
