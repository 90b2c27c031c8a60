"""Which medical terms a text uses, and whether it explains them."""

import re

from clinicpress.documents import Document, Glossary
from clinicpress.documents.glossary import glossary_reader
from clinicpress.lint.sentences import TextBlock, passages

LONGEST_TERM = 4  # words: more in bold are a lead or a warning, not a term
_SMALL_WORDS = frozenset(
    (
        *("a", "an", "the", "of", "in", "on", "to", "from", "for", "with", "by", "or", "and", "that", "is", "not"),
        *("it", "its", "very", "small", "part", "having", "such", "as", "into", "one", "up"),
        *("un", "una", "el", "la", "los", "las", "de", "del", "en", "por", "para", "con", "o", "y", "que", "es", "no"),
        *("muy", "al", "se", "su", "lo"),
    )
)


def explained(word: str, passage: TextBlock, number: int, plain: str = "") -> bool:
    """Whether a word is explained in a sentence of a passage, or in the sentence before or behind it.

    It is when its plain words stand there, or when the sentence has the form of an explanation: brackets, "means",
    "called", a colon or a dash behind the word.
    """
    near = " ".join(passage.sentences[max(0, number - 1) : number + 2])
    return (bool(plain) and _says(near, plain, word)) or _shaped(passage.sentences[number], word)


def _says(text: str, plain: str, word: str) -> bool:
    """Whether a text has the words of an explanation, in any order and with any ending."""
    there = re.findall(r"[^\W\d_]+", text.lower().replace(word.lower(), " "))
    wanted = [_stem(one) for one in re.findall(r"[^\W\d_]+", plain.lower()) if one not in _SMALL_WORDS]
    return bool(wanted) and all(any(one.startswith(stem) for one in there) for stem in wanted)


def _stem(word: str) -> str:
    return re.sub(r"(?:ing|ness|es|s|e)$", "", word) if len(word) > 4 else word


_BEHIND = re.compile(  # the forms of an explanation behind a term, which § stands for
    r"§[\"”’]*(?:"
    r"\s*\([^)]*[a-z]{3}"  # edema (swelling)
    r"|,? (?:which|that) (?:is|are|means?)\b"
    r"|,? (?:means?|refers? to|is when|are when|is another word|is the (?:medical )?(?:name|word|term)|significa)\b"
    r"| (?:is|are) (?:an?|the) (?:kind|type|form|way|medicine|drug|small|word|name|process|treatment|shot|sugar)\b"
    r"|(?: \w+){0,3} (?:is|are) (?:an?|the) (?:\w+ ){0,3}(?:in|by|during|through|with) which\b"
    r"|\s*[:=]\s*[a-z]"
    r"|\s*[–—-]\s+[a-z]"
    r"|,? or (?:an? )?[a-z]+(?: [a-z]+){0,3}[,)]"  # syncope, or fainting,
    r"|[,;]? (?:that is|i\.e\.|in other words|es decir)\b"
    r")",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:"
    r"\b(?:called|known as|named|termed|se llaman?|llamad[oa]s?|conocid[oa]s? como) (?:an? |the |una? )?[\"“‘]?"
    r"|[a-z]\s*\((?:an? |the |called |also called )?[\"“‘]?"  # fainting (syncope)
    r"|\b(?:medical|doctors') (?:term|name|word)\b.{0,20}"
    r"|[a-z], or (?:an? )?"
    r")§",
    re.IGNORECASE,
)


def _shaped(sentence: str, word: str) -> bool:
    """Whether a sentence explains a word by its form."""
    marked = sentence.replace(word, "§")
    return _BEHIND.search(marked) is not None or _BEFORE.search(marked) is not None


def defined_terms(document: Document, glossary: Glossary) -> tuple[str, ...]:
    """The terms that may be left out of a reading grade: those of the glossary, and those the document explains.

    A document explains a term that is in bold where it is first used and has an explanation there.
    """
    terms_in = glossary_reader(glossary, document.language)
    found: dict[str, None] = {}
    for passage in passages(document):
        for number, sentence in enumerate(passage.sentences):
            found.update(dict.fromkeys(form.lower() for _, form in terms_in(sentence)))
            for bold in passage.strong:
                short = 0 < len(bold.split()) <= LONGEST_TERM and not bold.endswith((":", ".", "?", "!"))
                if short and bold in sentence and explained(bold, passage, number):
                    found.setdefault(bold.lower())
    return tuple(found)


def without_terms(sentence: str, terms: tuple[str, ...], plain: str = "word") -> str:
    """A sentence with a plain word in place of each term."""
    if not terms:
        return sentence
    pattern = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])(?:{pattern})(?:s|es)?(?![\w-])", plain, sentence, flags=re.IGNORECASE)
