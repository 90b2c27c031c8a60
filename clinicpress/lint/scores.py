"""The scores of a document: how hard it is to read, and how benefits stand against risks. A screen, no verdict."""

from typing import Any

from clinicpress.documents import Document, Glossary
from clinicpress.lint.claims import balance
from clinicpress.lint.readability import COUNTED, Reading, reading, reading_without_terms
from clinicpress.lint.terms import defined_terms


def scores_of(document: Document, glossary: Glossary) -> dict[str, Any]:
    """The scores as they stand in `check --json`, under the name of the document's file.

    `words` and `sentences` count what is scored. `smog` and `flesch_kincaid` are US school years and are there for
    English; `fernandez_huerta` and `szigriszt_pazos` (0 hard, 100 easy) for Spanish. `without_terms` has the same with
    a plain word in place of each of `terms`. `balance` is empty in a language without a word list.
    """
    whole = reading(document)
    weighed = balance(document)
    return {
        "language": document.language,
        "words": whole.words,
        "sentences": whole.sentences,
        "mean_sentence_length": round(whole.mean, 1),
        **_formulas(whole),
        "without_terms": _formulas(reading_without_terms(document, glossary)),
        "terms": list(defined_terms(document, glossary)),
        "counted": COUNTED,
        "balance": {}
        if weighed is None
        else {
            "benefit_words": weighed.benefit,
            "risk_words": weighed.risk,
            "doubt_words": weighed.doubt,
            "ratio": round(weighed.ratio, 2),
        },
    }


def _formulas(measured: Reading) -> dict[str, float]:
    return {name: round(value, 1) for name, value in (*measured.grades.items(), *measured.ease.items())}
