"""Passages looked at by themselves, and documents written out without them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from clinicpress import library
from clinicpress.documents import KINDS, Block, Document, Kind, Review, ReviewState, figures, words_of
from clinicpress.documents.passages import own_line, told_places
from clinicpress.errors import Problem, sorted_problems
from clinicpress.library.frontmatter import split_front_matter
from clinicpress.library.passages import PassageShelf, PassageText
from clinicpress.lint import Context, check_words
from clinicpress.press.shelf import Stock
from clinicpress.press.values import with_values

ALIKE = 0.9  # of the words: then a text says what a passage says


def check_passages(stock: Stock) -> tuple[Problem, ...]:
    """What is wrong with the passages of a library, each read by itself, also those that no document asks for."""
    shelf = PassageShelf(stock.shelf.handouts, stock.kinds)
    context = Context(
        stock.shelf.today,
        frozenset().union(*(face.coverage for face in stock.fonts)),
        clinic=stock.clinic,
        glossary=stock.glossary,
    )
    found: list[Problem] = []
    for name, languages in shelf.names.items():
        for language in languages:
            passage, faults = shelf.read(name, language)
            found += faults
            if passage is not None:
                (document,), faults = with_values([_alone(passage)], stock.clinic, stock.shelf.today)
                found += [*faults, *check_words(document, context, passage.first_line)]
    return sorted_problems(found)


def uses(stock: Stock) -> Iterator[str]:
    """Where each passage stands, a line each; those that stand nowhere say so."""
    shelf = PassageShelf(stock.shelf.handouts, stock.kinds)
    for name, languages in shelf.names.items():
        for language in languages:
            file = shelf.folder / f"{name}.{language}.md"
            places = [(one.file, use.line) for one in stock.documents for use in one.passages if use.file == file]
            yield f"{file}: {told_places(places) if places else 'Used nowhere.'}"


def said_by_passages(handouts: Path, file: Path, kinds: Mapping[str, Kind]) -> Iterator[str]:
    """Where a document says what a passage says, to nine words of ten."""
    documents, _ = library.read_library(
        handouts, [file.parent.name], kinds=kinds
    )  # also one in which something is still open
    document, shelf = next((one for one in documents if one.file == file), None), PassageShelf(handouts, kinds)
    if document is None:
        return
    every = (document.opening, *(section.blocks for section in document.sections))
    for name, languages in shelf.names.items():
        passage = shelf.read(name, document.language)[0] if document.language in languages else None
        wanted = _words(passage.blocks) if passage else []
        many = len(passage.blocks) if passage else 0
        for start, blocks in ((n, some) for some in every for n in range(len(some) - many + 1) if wanted):
            said = _words(blocks[start : start + many])
            if SequenceMatcher(None, wanted, said, autojunk=False).ratio() >= ALIKE:
                remedy = f"Ask for it there: '::: passage {name}' and ':::'."
                yield f"- {file}:{blocks[start].line} says what the passage '{name}' says. {remedy}"


def _words(blocks: Sequence[Block]) -> list[str]:
    return " ".join(text for _, text in words_of(blocks)).lower().split()


def exploded(document: Document) -> tuple[str, dict[str, Path]]:
    """The text of a document with its passages written out in it, and the pictures of these by their new names.

    Notes and pictures of a passage get its name in front of theirs, so that they do not meet those of the document.
    """
    rows = library.read_text(document.file)[0].split("\n")
    pictures: dict[str, Path] = {}
    for number, use in reversed(list(enumerate(document.passages, 1))):
        text = library.read_text(use.file)[0]
        body = split_front_matter(text, use.file)[3].strip("\n")
        body = re.sub(r"\[\^([^\]\[]+)\]", rf"[^{use.name}-{number}-\1]", body)
        brought = [one for one in document.blocks() if own_line(one.line) == use.line != one.line]
        for figure in figures(brought):
            for one in (figure.drawing, *figure.large):
                name = Path(one.name).name
                body = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", f"{use.name}-{name}", body)
                pictures[f"{use.name}-{name}"] = use.file.parent / name
        end = next(n for n in range(use.line, len(rows)) if rows[n].strip() == ":::")
        rows[use.line - 1 : end + 1] = body.split("\n")
    return "\n".join(rows), pictures


def _alone(passage: PassageText) -> Document:
    """A passage as a text of its own, so that the rules about words can read it."""
    return Document(
        kind=next(iter(KINDS.values())),
        topic=passage.topic,
        title="",
        language=passage.language,
        form="",
        effective=passage.effective,
        review_by=passage.review_by,
        author="",
        sources=(),
        opening=passage.blocks,
        sections=(),
        notes=passage.notes,
        revision=passage.revision,
        review=Review(ReviewState.DRAFT),
        file=passage.file,
        lines=passage.lines,
    )
