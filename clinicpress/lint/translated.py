"""T: whether a translation is one: its language, what was left as it was, what it denies and what it turns round.

Words are counted, and nothing is understood. What a language has no words for is believed; `translate import` says so.
"""

from collections.abc import Callable, Iterator

from clinicpress.documents import LANGUAGES, Document, figures, words_of
from clinicpress.documents.translated import bare, in_another_language, small_words, untranslated
from clinicpress.documents.turned import denial_faults, turned_round
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.rules import Context, rule
from clinicpress.lint.translation import COMPARE, HOUSE, TO_TRANSLATORS, pairs_of
from clinicpress.words import SPOKEN_LANGUAGES

Faults = Callable[[str, str, tuple[str, str]], Iterator[tuple[str, str]]]
"""Of a text, its translation and both languages: what is wrong, and where."""
MOST_TOLD = 12  # texts of a document that are named; a translator has to go through all of it then


@rule("T06", "not-translated", source=HOUSE)
def not_translated(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A document is in the language that it says, and no text of a translation was left as it was in the original.

    Names, numbers, addresses and words that both languages write alike may stay. A text by itself is judged as a whole.
    The small words of a text tell its language; where they do not tell it clearly, it is believed.

    Wrong: `handout.es.md` says "Keep the bandage dry." Right: "Mantenga seco el vendaje."
    """
    found = list(_left(document))
    for line, message, words in found[:MOST_TOLD]:
        yield rule.found(str(document.file), line, message, TO_TRANSLATORS, words)
    if more := found[MOST_TOLD:]:
        message = f"{len(more)} more texts are not translated."
        yield rule.found(str(document.file), more[0][0], message, TO_TRANSLATORS, more[0][2])


def _left(document: Document) -> Iterator[tuple[int, str, str]]:
    """What is not in the language of a document: line, what is wrong, the text."""
    original, tag = document.original, document.language
    if tag not in LANGUAGES:
        return  # S05
    texts = list(_texts(document))
    if original is None:
        if told := in_another_language("\n".join(words for _, words in texts), tag):
            yield 1, f"The text says that it is in {_called(tag)}, and it is in {_called(told)}.", ""
        return
    theirs = {bare(words): words for _, words in _texts(original)}
    known = small_words(theirs.values()) - small_words(words for _, words in texts if bare(words) not in theirs)
    for line, words in texts:  # what both have in a third language is meant so
        source = theirs.get(bare(words))
        if source is not None and untranslated(source, words, (original.language, tag), known):
            yield line, f"This text is the same as in the original ({original.language}).", words
        elif (told := in_another_language(words, tag)) and (source is None or told == original.language):
            yield line, f"This text is in {_called(told)}, not in {_called(tag)}.", words


def _texts(document: Document) -> Iterator[tuple[int, str]]:
    """Every text of a document that is translated, with its line."""
    yield document.lines.get("title", 1), document.title
    yield from words_of(document.opening)
    for section in document.sections:
        yield section.line, section.heading
        yield from words_of(section.blocks)
    yield from ((one.line, one.alternative) for one in figures(tuple(document.blocks())))


def _called(tag: str) -> str:
    return SPOKEN_LANGUAGES[tag].names[0].title() if tag in SPOKEN_LANGUAGES else f"the language '{tag}'"


@rule("T07", "denial-differs", source=HOUSE, severity=Severity.WARNING)
def denial_differs(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A translation denies what its original denies, and nothing else. Whoever approves it looks at each such place.

    Words that deny ("not", "never", "no", "nunca") are counted in each sentence; others can stand for them ("avoid",
    "without", "only"). A sound translation may turn a sentence round: then say so when you approve it.

    Wrong: "Do not drive." became "Maneje." Right: "No maneje."
    """
    yield from _by_pair(rule, document, denial_faults)


@rule("T08", "turned-round", source=HOUSE, severity=Severity.WARNING)
def turned_round_differs(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A translation turns nothing round and leaves no sentence out. Whoever approves it looks at each such place.

    Opposites (left and right, before and after, morning and night, more and less) are looked for in each sentence, and
    doses of one unit in their order. Where both stand in another order, only words were moved. A sentence counts as
    missing where there are fewer of them and their lengths do not fit; two may become one.

    Wrong: "Take it before food." became "Tómela después de comer." Right: "Tómela antes de comer."
    """
    yield from _by_pair(rule, document, turned_round)


def _by_pair(rule: Rule, document: Document, faults: Faults) -> Iterator[Problem]:
    """What is wrong with texts of a translation beside those of its original, each at its line."""
    original = document.original
    if original is None:
        return
    for pair in pairs_of(document):
        for message, words in faults(pair.source, pair.words, (original.language, document.language)):
            yield rule.found(str(document.file), pair.line, f"{pair.place}: {message}", COMPARE, words)


RULES = (not_translated, denial_differs, turned_round_differs)
TO_ANSWER = frozenset([denial_differs.rule.code, turned_round_differs.rule.code])
"""Warnings that whoever approves a text has to answer, as errors are answered: by mending it, or with a reason."""
