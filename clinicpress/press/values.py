"""The values of a clinic's profile come into the texts that name them; an empty one is told where it is used."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from clinicpress.clinics import ClinicFact, ClinicProfile, Phone
from clinicpress.documents import LANGUAGES, Document, ReviewState, Revision, Variable, judged, spot_of
from clinicpress.documents.composition import composed
from clinicpress.documents.variables import VARIABLES, variables_in, with_stand_ins, with_variables
from clinicpress.errors import Problem
from clinicpress.library.rules import EMPTY_VARIABLE
from clinicpress.words import words_in


def with_values(
    documents: Sequence[Document], clinic: ClinicProfile | None, today: date | None
) -> tuple[list[Document], list[Problem]]:
    """Documents with the values that they name, and where one is empty.

    Without a sound profile plain words stand in, so that the texts can be looked at; they are not printed then.
    """
    problems: list[Problem] = []
    filled = [_filled(one, clinic, today, problems) for one in documents]
    return filled, list(dict.fromkeys(problems))


def _filled(document: Document, clinic: ClinicProfile | None, today: date | None, problems: list[Problem]) -> Document:
    """A document with its values, its leaflet and its original with theirs."""
    if document.leaflet is not None:
        document = replace(document, leaflet=_filled(document.leaflet, clinic, today, problems))
    if document.original is not None:
        document = replace(document, original=_filled(document.original, clinic, today, problems))
    named = variables_in(document)
    if not named:
        return document
    if clinic is None:
        return with_stand_ins(document)
    facts = _facts(clinic)
    for line, variable in named:
        if not _printed(facts.get(variable.name, ""), variable.name, document.language).text:
            file, place = spot_of(document, line)
            row = VARIABLES[variable.name]
            message = f"'{{{variable.name}}}' stands for nothing: the profile does not say it."
            remedy = f"Write '{row.key}' in {clinic.file.name}, or take the sentence out."
            problems.append(EMPTY_VARIABLE.found(str(file), place, message, remedy, variable.name))
    document = with_variables(document, lambda one: _printed(facts.get(one.name, ""), one.name, document.language))
    values = {one.name: str(_plain(facts[one.name])) for _, one in named if one.name in _BY_VALUE & facts.keys()}
    return _with_revision(document, values, today) if values else document


_BY_VALUE = frozenset(name for name, row in VARIABLES.items() if row.by_value)


def _with_revision(document: Document, values: Mapping[str, str], today: date | None) -> Document:
    """The document with values that are a part of what was approved."""
    parts = {**document.composition, **values}
    revision = Revision(composed(parts))
    review = judged(revision.digest, document.review.history, today)
    document = replace(document, revision=revision, composition=MappingProxyType(parts), review=review)
    if document.current_translation or review.draft:
        return document
    return replace(document, review=replace(review, state=ReviewState.STALE))


def _facts(clinic: ClinicProfile) -> dict[str, ClinicFact]:
    """What a profile says, by the names of variables."""
    return {
        "clinic.name": clinic.name,
        "clinic.legal_name": clinic.legal_name,
        "clinic.address": ", ".join(clinic.address),
        "clinic.phone": clinic.phone,
        "clinic.website": clinic.website,
        "clinic.hours": clinic.hours,
        "clinic.after_hours": clinic.after_hours,
        "clinic.emergency": clinic.emergency,
        **clinic.facts,
    }


def _plain(value: ClinicFact) -> str | int:
    """A value as its file has it."""
    match value:
        case Phone():
            return value.printed
        case date():
            return value.isoformat()
    return value


def _printed(value: ClinicFact, name: str, language: str) -> Variable:
    """A value as it prints in a language, and where it leads."""
    words, unit = words_in(language), VARIABLES[name].unit
    known = language in LANGUAGES
    match value:
        case Phone(printed, uri):
            return Variable(name, printed, uri)
        case date() if known:
            return Variable(name, words.day(value))
        case int() if known and unit:
            return Variable(name, words.amount(value, unit))
        case str() if name == "clinic.website" and value:
            return Variable(name, value, value if "://" in value else f"https://{value}")
    return Variable(name, str(_plain(value)))
