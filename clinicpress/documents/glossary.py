"""Medical terms and the plain words for them."""

from dataclasses import dataclass


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
