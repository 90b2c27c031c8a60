"""The parts of a page: which a document has, in which order, under which numbers, and what stands side by side."""

from collections import deque
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from clinicpress.documents import (
    Block,
    BlockPlace,
    Definitions,
    Document,
    Field,
    FieldGroup,
    FieldKind,
    Figure,
    FormBlock,
    Listing,
    Paragraph,
    Section,
    Table,
    plain_text,
    words_of,
)
from clinicpress.documents.bilingual import words_only
from clinicpress.words import Words

PAIRS = ({"benefits", "drawbacks"}, {"benefits", "uncertainty"}, {"status", "cost"})
"""Roles that a reader weighs against each other: the balance has to be seen at one glance."""


DECISION = "attestation.decision"
"""The choice that stands in a box of its own, in the form's own words: yes, I agree; no, I do not want it."""

IN_A_ROW = (FieldKind.SIGNATURE, FieldKind.INITIALS, FieldKind.DATE, FieldKind.TIME)
"""What a person signs with."""

AMONG_THEM = (".printed_name", ".phone")
"""How the names of fields end that stand in the row to sign: who signs, and for which number."""

MOST_BOXED = 600  # letters beside the phone number: a box never parts


@dataclass(frozen=True, slots=True)
class BlockRun:
    """Blocks that are set together: either text in its column, or a drawing over the whole width.

    The labels of a drawing are type, which has a least size; a photo fits into the column of the text.
    """

    blocks: tuple[Block, ...] = ()
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """One person's part of the signing page. Every field of the block is in one of the three groups.

    `titled` are choices whose question is the title itself, `row` is what stands in the row to sign, `rest` all others.
    `beside` is the same part in English.
    """

    block: FormBlock
    titled: tuple[Field, ...]
    row: tuple[Field, ...]
    rest: tuple[Field, ...]
    beside: "Signer | None"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a page, as the templates take it. `line` is where its heading stands in the source; 0: it is ours.

    `number` is that of a pair among those of the document. `low`: the heading may be higher than the text beside it.
    `boxed`: what is to be asked is short enough to stand in the box with the phone number.
    """

    heading: str = ""
    style: str = ""
    wide: bool = False
    ask: bool = False
    blocks: tuple[Block, ...] = ()
    runs: tuple[BlockRun, ...] = ()
    pair: tuple["Part", ...] = ()
    name: str = ""
    section: "Part | None" = None
    fields: tuple[Field, ...] = ()
    copy: tuple[Field, ...] = ()
    decision: Field | None = None
    people: tuple[Signer, ...] = ()
    later: tuple[Signer, ...] = ()
    call: bool = False
    asks: tuple[Field, ...] = ()
    second: "Part | None" = None
    line: int = 0
    number: int = 0
    low: bool = False
    boxed: bool = True

    @property
    def all_fields(self) -> bool:
        """Whether in the second language nothing but its heading is left: all else is to be filled in."""
        return self.second is not None and not self.second.blocks and not self.second.call and not self.pair


def parts_of(document: Document, words: Words, apart: Container[int] = ()) -> list[Part]:
    """The parts of a document in the order of the page, with the words of its language.

    `apart` holds the numbers of pairs that do not fit side by side: they stand one below the other.
    """
    found = _form_parts(document, words) if document.kind.is_form else _sheet_parts(document)
    return list(_paired(list(found), apart))


def with_second(parts: Sequence[Part], others: Sequence[Part]) -> list[Part]:
    """Parts, each with the same part of another language, which holds words only: no field is printed twice."""
    return [_with_second(part, other) for part, other in zip(parts, others, strict=True)]


def _with_second(part: Part, other: Part) -> Part:
    section = _with_second(part.section, other.section) if part.section and other.section else None
    return replace(part, section=section, pair=tuple(with_second(part.pair, other.pair)), second=_unasked(other))


def _unasked(part: Part) -> Part:
    """A part without its places to write."""
    runs = tuple(replace(run, blocks=words_only(run.blocks)) for run in part.runs)
    return replace(part, blocks=words_only(part.blocks), runs=runs, asks=(), pair=tuple(map(_unasked, part.pair)))


def _sheet_parts(document: Document) -> Iterator[tuple[Section | None, Part]]:
    """The sections of a handout, in the order of the author."""
    return ((section, _section(section)) for section in document.sections)


def _paired(sections: Sequence[tuple[Section | None, Part]], apart: Container[int]) -> Iterator[Part]:
    """Parts in their order; those that are weighed against each other, and follow each other, stand side by side."""
    rest, number = deque(sections), count()
    while rest:
        section, part = rest.popleft()
        if section is not None and rest and (other := rest[0][0]) is not None:
            roles = {*section.roles, *other.roles}
            if any(pair <= roles for pair in PAIRS) and not part.wide and not rest[0][1].wide:
                pair = part, rest.popleft()[1]
                own = next(number)
                yield from pair if own in apart else [Part(pair=pair, number=own)]
                continue
        yield part


def _form_parts(document: Document, words: Words) -> Iterator[tuple[Section | None, Part]]:
    """The sections of a form and the blocks of fields between them, numbered from the first to the last."""
    number = 0

    def numbered(heading: str) -> str:
        nonlocal number
        number += 1
        return f"{number}. {heading}"

    def fields(place: BlockPlace) -> tuple[Field, ...]:
        return tuple(one for block in document.form_blocks if block.place is place for one in _asked(document, block))

    parts: list[tuple[Section | None, Part]] = []

    def form(place: BlockPlace) -> None:
        if asked := fields(place):
            heading = document.kind.said(document.kind.places[place], words)
            parts.append((None, Part(name=place, heading=numbered(heading), fields=asked)))

    form(BlockPlace.OPENING)
    statement = document.section("statement")
    for section in document.sections:
        if section is statement:
            continue
        within = (one for one in document.form_blocks if _home(document, one) is section)
        asks = tuple(one for block in within for one in _asked(document, block))
        part = _section(section, numbered(section.heading), call="questions" in section.roles, asks=asks)
        parts.append((section, part))
        if "risks" in section.roles:
            form(BlockPlace.AFTER_RISKS)
    form(BlockPlace.BEFORE_SIGNING)
    yield from parts
    if statement is not None:
        signing = Part(
            name=BlockPlace.SIGNING,
            section=_section(statement, numbered(statement.heading)),
            copy=fields(BlockPlace.STATEMENT),
            decision=next((one for one in fields(BlockPlace.SIGNING) if one.name == DECISION), None),
            people=tuple(
                _signer(document, block) for block in document.form_blocks if block.place is BlockPlace.SIGNING
            ),
            later=tuple(_signer(document, block) for block in document.form_blocks if block.place is BlockPlace.LATER),
        )
        yield None, signing


def _home(document: Document, block: FormBlock) -> Section | None:
    """The section in which a block stands: that with the first of its roles that there is."""
    return next((found for role in block.within if (found := document.section(role))), None)


def _asked(document: Document, block: FormBlock) -> tuple[Field, ...]:
    """What a block asks in this document: the side of the body only where it matters."""
    return tuple(one for one in block.fields if document.lateral or not one.lateral)


def _signer(document: Document, block: FormBlock) -> Signer:
    own = [one for one in _asked(document, block) if one.name != DECISION]
    titled = [one for one in own if one.kind is FieldKind.CHOICE and one.label == block.title.rstrip(".")]
    row = [one for one in own if one.kind in IN_A_ROW or one.name.endswith(AMONG_THEM)]
    rest = [one for one in own if one not in titled and one not in row]
    beside = _signer(document, block.beside) if block.beside else None
    return Signer(block, tuple(titled), tuple(row), tuple(rest), beside)


def _section(section: Section, heading: str = "", *, call: bool = False, asks: tuple[Field, ...] = ()) -> Part:
    """A section as the templates take it: whether it is wide, and which of its blocks are set together."""
    wide = any(isinstance(block, Table) or _has_table(block) for block in section.blocks)
    runs: list[BlockRun] = []
    for block in section.blocks:
        if isinstance(block, Figure) and block.drawing.is_drawing:
            runs.append(BlockRun(figure=block))
        elif runs and runs[-1].figure is None:
            runs[-1] = BlockRun((*runs[-1].blocks, block))
        else:
            runs.append(BlockRun((block,)))
    style = " ".join([*(f"role-{role}" for role in section.roles), *(("wide",) if wide else ())])
    return Part(
        heading=heading or section.heading,
        style=style,
        wide=wide,
        ask="questions" in section.roles and not heading,
        boxed=all(isinstance(block, (Paragraph, Listing)) for block in section.blocks)
        and sum(len(text) for _, text in words_of(section.blocks)) <= MOST_BOXED,
        blocks=section.blocks,
        runs=tuple(runs) or (BlockRun(),),
        call=call,
        asks=asks,
        line=section.line,
        low=_least_lines(runs[0].blocks if runs else ()) < _most_lines(heading or section.heading),
    )


def _has_table(block: Block) -> bool:
    """Whether a table is to be filled among an author's own fields."""
    return isinstance(block, FieldGroup) and any(one.kind is FieldKind.TABLE for one in block.fields)


def _most_lines(heading: str) -> int:
    """How many lines a heading takes at most in the side column."""
    return min(len(heading.split()), -(-len(heading) // 10))


def _least_lines(blocks: Sequence[Block]) -> int:
    """How many lines blocks take at least in the column of the text."""
    lines = 0
    for block in blocks:
        match block:
            case Paragraph(content):
                lines += max(1, len(plain_text(content)) // 80)
            case Listing(items):
                lines += sum(max(1, _least_lines(item)) for item in items)
            case Definitions(entries):
                lines += len(entries)
            case _:
                lines += 1
    return lines
