"""The letters of a text: which cannot be printed or seen, and how two names are compared."""

import unicodedata

JOINERS = "\u200c\u200d"
"""Characters without a drawing that part or join the letters beside them; Persian and Hindi names need them."""
_JOINING = (
    *("ARABIC", "HEBREW", "SYRIAC", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU"),
    *("KANNADA", "MALAYALAM", "SINHALA", "THAI", "LAO", "MYANMAR", "KHMER", "MONGOLIAN"),
)
"""The scripts whose letters they part or join, as the names of their letters begin."""


def unprintable_character(text: str) -> str:
    """The first control, surrogate, non-character or bidirectional override in a text, by its name; else nothing."""
    for character in text:
        bidi = character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        if bidi or unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn"):
            name = unicodedata.name(character, "control or unassigned character")
            return f"the character U+{ord(character):04X} ({name})"
    return ""


def unseen_character(text: str) -> str:
    """The first character that cannot be seen and parts or joins nothing, by its name; else nothing.

    Joiners have a place after letters of scripts that join; a word holds none of the others.
    """
    before = ""
    for character in text:
        joins = character in JOINERS and unicodedata.name(before or " ", "").partition(" ")[0] in _JOINING
        if unicodedata.category(character) in ("Cf", "Zl", "Zp") and not joins:
            return f"the character U+{ord(character):04X} ({unicodedata.name(character)})"
        before = character
    return ""


def folded(name: str) -> str:
    """A name as it is compared: small letters, single blanks, and each letter one character with its accents.

    Keyboards and lists write "é" as one character or as two.
    """
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())
