"""Which language a text is in, by its small words. It does not guess: a text that is neither is said to be unknown."""

from collections import Counter

from clinicpress.library.imports.meanings import folded

_SMALL = {
    "en": "the and of to is you for with are that it your this may or be we not will can",
    "es": "el la los las de que y en para con es una un por se su del usted puede lo",
    "pt": "o os as de que e em para com uma um nao voce seu pelo dos da do na ao",
    "fr": "le la les des et est vous une un pour dans pas du sur votre avec que au qui ce",
    "it": "il che di e per una un gli non sono con del della nel si la le puo come",
    "de": "der die und das ist nicht sie mit ein eine den von zu auf im werden wird es",
    "nl": "de het een en van is dat niet op te zijn voor met u worden wordt",
    "tl": "ang ng sa na mga ay at ito kung para hindi",
    "vi": "la va cua cac cho khong duoc mot nhung trong ban voi",
    "ht": "la ak pou nan yo ou li yon ki pa se sa gen",
}
_SETS = {tag: frozenset(words.split()) for tag, words in _SMALL.items()}
LEAST_SHARE = 0.12  # of the words; running text has some 0.3
LEAST_LEAD = 1.15  # over the next language


def language_of(text: str) -> str:
    """`en`, `es`, or nothing when the text is in neither, or too short to tell."""
    words = [word.strip(".,;:!?()¿¡\"'«»") for word in folded(text).split()]
    shares = Counter({tag: sum(word in small for word in words) / max(len(words), 1) for tag, small in _SETS.items()})
    (best, share), (_, second) = shares.most_common(2)
    sure = share >= LEAST_SHARE and share >= LEAST_LEAD * second
    return best if sure and best in ("en", "es") else ""
