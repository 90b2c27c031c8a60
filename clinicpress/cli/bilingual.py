"""`build --bilingual en+es`: which languages are meant, and which texts belong together."""

from collections.abc import Sequence

from clinicpress.documents import LANGUAGES, Document, bilingual
from clinicpress.errors import InputError
from clinicpress.words import SOURCE

Pair = tuple[Document, Document | None]
"""The patient's text, and the one behind it."""


def pair_of(wish: str | None, lang: str | None) -> tuple[str, str] | None:
    """The two languages of --bilingual, that of the patient last. Raises `InputError` when they make no sense."""
    if wish is None:
        return None
    known = ", ".join(f"{SOURCE}+{one}" for one in sorted(LANGUAGES) if one != SOURCE)
    remedy = f"Write English first and the patient's language last: {known}."
    if lang is not None:
        raise InputError("--bilingual and --lang do not go together: --bilingual names the languages. Drop one.")
    first, plus, last = wish.partition("+")
    if not (first and plus and last):
        raise InputError(f"--bilingual needs two languages, not '{wish}'. {remedy}")
    unknown = [one for one in (first, last) if one not in LANGUAGES]
    if unknown:
        raise InputError(f"--bilingual: the language '{unknown[0]}' is unknown. {remedy}")
    if first == last:
        raise InputError(f"--bilingual: '{first}' is named twice. {remedy}")
    if first != SOURCE:
        raise InputError(f"--bilingual: '{wish}' does not start with English. {remedy}")
    return first, last


def in_both(documents: Sequence[Document], languages: tuple[str, str]) -> list[Pair]:
    """Each document in both languages, in the order of the patient's. Raises `InputError` when one of them lacks."""
    first, last = languages
    found = {(one.topic, one.kind, one.language): one for one in documents}
    pairs: list[Pair] = []
    lacking: list[str] = []
    for topic, kind in dict.fromkeys((one.topic, one.kind) for one in documents):
        patients, second = found.get((topic, kind, last)), found.get((topic, kind, first))
        if patients and second:
            pairs.append(bilingual(patients, second))
        else:
            lacking.append(f"{topic} has no {kind}.{first if patients else last}.md")
    if lacking:
        raise InputError(
            f"--bilingual needs every document in both languages: {'; '.join(lacking)}. "
            "Name topics, and perhaps --kind, that are there in both."
        )
    return pairs
