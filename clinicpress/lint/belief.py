"""What nothing is looked for in a document, since the program knows too little of its language: it is believed."""

from clinicpress.documents import LANGUAGES, Document
from clinicpress.documents.translated import not_compared
from clinicpress.lint import meaning, phrases
from clinicpress.words import SOURCE, language

_LISTS = {
    "slips": "slips of typing and doses",
    "percentages": "percentages of people",
    "times": "times",
}
"""How word lists of the rules (`words.Language.knows`) are called."""


def believed(document: Document) -> tuple[str, ...]:
    """What is not judged in a document that the program judges in the language of the templates.

    Somebody else's form is not read at all.
    """
    if document.fixed or document.language not in LANGUAGES:
        return ()
    row = language(document.language)
    known = {
        "reading grade": not document.kind.grades or row.formulas.get("grades"),
        "claims and turns of phrase": phrases.understood(document),
        "what its sections tell": not document.kind.elements or meaning.is_known(document.language),
        "medical words outside the glossary": row.medical,
        **{_LISTS.get(one, one): one in row.knows for one in language(SOURCE).knows},
    }
    compared = not_compared(document.language) if document.original else ()
    return (*(what for what, there in known.items() if not there), *compared)


def as_told(document: Document) -> str:
    """What is believed of a document, as a person reads it; nothing where all is judged."""
    if what := believed(document):
        return f"{document.file}: not judged in {LANGUAGES[document.language]}, so have it read for: {', '.join(what)}."
    return ""
