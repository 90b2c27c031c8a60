"""The box of medical words that a document uses, when its author asks for it (`glossary: true`)."""

import hashlib
from dataclasses import replace
from pathlib import Path

from clinicpress.documents import Definitions, Document, Paragraph, Revision, Section, Text, words_of
from clinicpress.documents.glossary import glossary_reader
from clinicpress.library.glossary import read_glossary
from clinicpress.words import words_in

SHIPPED = Path(__file__).parents[2] / "handouts"
BEFORE = ("questions", "statement")  # the box stands before the section that asks for a call or a decision


def with_words_used(document: Document) -> Document:
    """The document with a section that explains the glossary's words in it, in the order of the alphabet.

    What is printed is what is approved: the words of the box count for the revision.
    """
    glossary, _ = read_glossary((SHIPPED, document.file.parents[1]))  # its faults are told where the shelf is read
    terms_in = glossary_reader(glossary, document.language)
    texts = [text for _, text in words_of(tuple(document.blocks()))]
    found = {term.forms[0]: term.plain for text in texts for term, _ in terms_in(text)}
    if not found:
        return document
    line = document.lines.get("glossary", 1)
    entries = tuple(
        ((Text(term),), (Paragraph((Text(plain),), line),))
        for term, plain in sorted(found.items(), key=lambda one: one[0].lower())
    )
    words = words_in(document.language)
    section = Section(words("Words used here"), (), (Definitions(entries, line),), line)
    place = next((n for n, one in enumerate(document.sections) if set(one.roles) & set(BEFORE)), len(document.sections))
    sections = (*document.sections[:place], section, *document.sections[place:])
    digest = hashlib.sha256(f"{document.revision.digest}{sorted(found.items())}".encode()).hexdigest()
    return replace(document, sections=sections, revision=Revision(digest))
