"""Medical terms and the plain words for them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"\w+(?:-\w+)*")


@dataclass(frozen=True, slots=True)
class Term:
    """A medical term in one language. `forms` are the ways in which it is written, the term itself first."""

    language: str
    forms: tuple[str, ...]
    plain: str


@dataclass(frozen=True, slots=True)
class Glossary:
    """The terms that have to be explained where they first appear."""

    terms: tuple[Term, ...] = ()

    def of(self, language: str) -> tuple[Term, ...]:
        """The terms of a language (BCP 47; `es-MX` has those of `es`)."""
        root = language.partition("-")[0].lower()
        return tuple(term for term in self.terms if term.language == root)


@lru_cache(maxsize=32)
def _index(glossary: Glossary, language: str) -> dict[str, list[tuple[str, Term]]]:
    """The forms of all terms by their first word, the longest first: one large pattern is ten times as slow."""
    found: dict[str, list[tuple[str, Term]]] = {}
    for term in glossary.of(language):
        for form in {form.lower() for form in term.forms}:
            found.setdefault(_TOKEN.findall(form)[0], []).append((form, term))
    for forms in found.values():
        forms.sort(key=lambda one: len(one[0]), reverse=True)
    return found


def glossary_reader(glossary: Glossary, language: str) -> Callable[[str], Iterator[tuple[Term, str]]]:
    """A function that finds the terms of a glossary in a text: each with the form in which it stands there."""
    index = _index(glossary, language)

    def read(text: str) -> Iterator[tuple[Term, str]]:
        small = text.lower()
        for token in _TOKEN.finditer(small):
            for form, term in index.get(token[0], ()):
                end = token.start() + len(form)
                if small.startswith(form, token.start()) and not re.match(r"[\w-]", small[end : end + 1]):
                    yield term, text[token.start() : end]
                    break

    return read
