"""What the revision of a document is made of: its own text, and all that comes into it from elsewhere.

A document without passages and variables has one part, its own text, and the digest of that is its revision. One with
them has a part for each passage, for each value that is another text when it is another value, and for the fixed words
that are signed. Each record of approval keeps the parts, so that it can be told which of them is another by now.
"""

import hashlib
from collections.abc import Iterator, Mapping

from clinicpress.documents.document import LANGUAGES, Document
from clinicpress.documents.variables import VARIABLES
from clinicpress.words import words_in

OWN, SIGNED = "own", "signed"
"""The names of the parts that are no passage and no value."""
FIXED_WORDS = (
    "I got “{title}” ({form}, {revision}, {day}).",
    "This form is good for {days} days after I sign.",
    "Yes,",
    "No,",
)
"""What the template of a form says above the signature, beside what its kind says there (`agrees`)."""


def composed(parts: Mapping[str, str]) -> str:
    """The revision of a document from its parts."""
    if tuple(parts) == (OWN,):
        return parts[OWN]
    told = "".join(f"{name}\0{value}\0" for name, value in sorted(parts.items()))
    return hashlib.sha256(told.encode()).hexdigest()


def signed_words(document: Document) -> str:
    """The digest of what people state with their signature in the program's words; empty where nothing is signed.

    Labels such as "Date" are not among them.
    """
    if not document.kind.signed_in or document.language not in LANGUAGES:
        return ""
    words, kind = words_in(document.language), document.kind
    agreed = (kind.said(text, words) for text in kind.agrees.values())
    told = [*map(words, FIXED_WORDS), *agreed, *(block.lead for block in document.form_blocks)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()


def changed_parts(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the parts that are not what they were, in the order of the alphabet."""
    return tuple(sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name)))


def told_parts(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """What is another by now than it was, each in a few words that stand behind 'because'."""
    for name in changed_parts(before, now):
        if name == OWN:
            yield "its own text was changed"
        elif name == SIGNED:
            yield "the words of the program that are signed were changed"
        elif name in VARIABLES:
            yield f"'{name}' is {_said(now, name)}, and was {_said(before, name)}"
        elif name not in before:
            yield f"the passage '{name}' came into it"
        elif name not in now:
            yield f"the passage '{name}' was taken out"
        else:
            yield f"the passage '{name}' was changed"


def _said(parts: Mapping[str, str], name: str) -> str:
    return f'"{parts[name]}"' if name in parts else "not said"
