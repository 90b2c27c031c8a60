"""Medical terms and whether they are explained; and slips that came with a text or its typing (L13 to L17).

English and Spanish; other languages are not judged. All warn: a program sees the slip, a person knows what was meant.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from clinicpress.documents import Document, Glossary
from clinicpress.documents.glossary import glossary_reader
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.rules import Context, rule
from clinicpress.lint.sentences import TextBlock, knows, passages, spoken, words
from clinicpress.words import LANGUAGE_ROWS, common_words, language

LONGEST_TERM = 4  # words: more in bold are a lead or a warning, not a term
_SMALL_WORDS = frozenset(word for row in LANGUAGE_ROWS.values() for word in row.small_words.split())


def explained(word: str, passage: TextBlock, number: int, plain: str = "") -> bool:
    """Whether a word is explained in a sentence of a passage, or in the sentence before or behind it.

    It is when its plain words stand there, or when the sentence has the form of an explanation: brackets, "means",
    "called", a colon or a dash behind the word.
    """
    if passage.defined:
        return True
    near = " ".join(passage.sentences[max(0, number - 1) : number + 2])
    return (bool(plain) and _says(near, plain, word)) or _shaped(passage.sentences[number], word)


def _says(text: str, plain: str, word: str) -> bool:
    """Whether a text has the words of an explanation, in any order and with any ending."""
    there = re.findall(r"[^\W\d_]+", text.lower().replace(word.lower(), " "))
    wanted = [_stem(one) for one in re.findall(r"[^\W\d_]+", plain.lower()) if one not in _SMALL_WORDS]
    return bool(wanted) and all(any(one.startswith(stem) for one in there) for stem in wanted)


def _stem(word: str) -> str:
    return re.sub(r"(?:ing|ness|es|s|e)$", "", word) if len(word) > 4 else word


_CLASS = (  # plain words for what a term is one of
    r"(?:drugs?|medicines?|pills?|shots?|creams?|drops|tests?|scans?|pictures?|devices?|tools?|tubes?|germs?|infections?"
    r"|diseases?|illness(?:es)?|cancers?|cells?|operations?|surgery|treatments?|vitamins?|hormones?|glands?|bones?"
    r"|muscles?|nerves?|defects?|growths?)"
)
_DOES = r"(?:numb|thin|ease|calm|relax|kill|fight|lower|soften|widen|loosen)"  # what a medicine does, in plain words
_MATTER = (  # and for what is wrong or is done: "pain in", "loss of"
    r"(?:pain|swelling|bleeding|removal|loss|lack|growth|holes?|tears?|lumps?|rash|hardening|narrowing|blockage|damage)"
)
_ONE = r"(?:an?|the|your|any)(?! few\b| lot\b)"
_BEHIND = re.compile(  # the forms of an explanation behind a term, which § stands for
    r"§(?:e?s)?[\"”’]*(?:"
    r"\s*\([^)]*[a-z]{3}"  # edema (swelling)
    r"|,? (?:which|that) (?:is|are|means?|consists? of)\b"
    rf"| (?:{_CLASS} )?(?:to|that|which)(?: will| may| can| helps?)?(?: to)? {_DOES}s?\b"  # an anesthetic to numb it
    r"|,? (?:(?:is|are) )?(?:also|often|better) (?:called|known as)\b"
    r"|,? (?:means?|refers? to|is when|are when|is another word|is the (?:medical )?(?:name|word|term)|significa)\b"
    rf"| (?:is|are) (?:an?|the) (?:kind|type|form|way|small|word|name|process|sugar|{_CLASS})\b"
    rf"| (?:is|are) (?:an? |the )?(?:\w+ )?(?:{_CLASS}|{_MATTER}) (?:of|in|with|on|under|at|from|that|down|for|to)\b"
    r"|(?: \w+){0,3} (?:is|are) (?:an?|the) (?:\w+ ){0,3}(?:in|by|during|through|with) which\b"
    r"|\s*[:=]\s*[a-z]"
    r"|\s*[–—-]\s+[a-z]"
    r"|,? or (?:an? )?[a-z]+(?: [a-z]+){0,3}[,)]"  # syncope, or fainting,
    rf"|,? or (?:an? )?(?:[a-z]+ ){{0,3}}{_CLASS}(?: [a-z]+){{0,4}}[,)]"
    r"|[,;]? (?:that is|i\.e\.|in other words|es decir)\b"
    rf"|, {_ONE} (?:[\w’'-]+ ){{1,12}}?[\w’'-]+, (?!and|or|{_ONE}\b)[a-z]"  # a stent, a small tube, keeps it open
    rf"|, {_ONE} (?:(?!(?:and|or) )[\w’'-]+ ){{1,12}}?[\w’'-]+(?:[.;]|$)"  # at the end of a sentence it may be a list
    rf"|, (?:\w+ ){{0,2}}{_CLASS} (?:that|which|to|used|for)\b"
    r")",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:"
    r"\b(?:called|known as|named|termed|se llaman?|llamad[oa]s?|conocid[oa]s? como) (?:an? |the |una? )?"
    r"[\"“‘]?(?:\w+ ){0,2}"
    r"|[a-z]\s*\((?:an? |the |called |also called )?[\"“‘]?"  # fainting (syncope)
    r"|\b(?:medical|doctors') (?:term|name|word)\b.{0,20}"
    r"|[a-z], or (?:an? )?"
    rf"|\b{_DOES}(?:s|n?ed|n?ing)? (?:\w+ ){{0,4}}?(?:with|by) (?:an? |some |the )?(?:\w+ )?"  # numbed with lidocaine
    rf"|\b{_CLASS}(?: of (?:the |your )?(?:\w+ ){{0,2}}\w+)? "
    r"\((?:both|including|such as|like|mostly|e\.g\.,?|for example,?) "
    r"(?:[\w’'-]+,? (?:(?:and|or) )?){0,5}"  # skin cancers (both basal cell and squamous cell carcinomas)
    r"|\b" + _CLASS + r",? (?:such as|like|for example|including) (?:\w+,? (?:(?:or|and) )?){0,3}"
    r")§",
    re.IGNORECASE,
)


def _shaped(sentence: str, word: str) -> bool:
    """Whether a sentence explains a word by its form."""
    marked = re.sub(rf"\b{re.escape(word)}\b", "§", sentence) if word else sentence
    return _BEHIND.search(marked) is not None or _BEFORE.search(marked) is not None


def medical_words(sentence: str, tag: str) -> Iterator[str]:
    """The words of a sentence that are rare, and have the form of medical ones: Greek and Latin endings or beginnings.

    Frequency alone would take "wheeze" and "splint" for jargon, and the form alone "diagnosis". Names are left out.
    """
    if language(tag).medical:
        for match in _LONG_WORD.finditer(sentence):
            named = match[0][0].isupper() and match.start() > 0
            if not named and _medical(match[0].lower(), tag):
                yield match[0]


_LONG_WORD = re.compile(r"(?<![\w'’-])[A-Za-z][a-z]{4,}(?![\w-]|['’][^\Ws])")


@lru_cache(maxsize=20_000)  # most words come again and again
def _medical(word: str, tag: str) -> bool:
    shapes = {name: pattern.replace("\n", "") for name, pattern in language(tag).medical.items()}
    looks = ready(shapes["endings"]).search(word) or ready(shapes["beginnings"]).match(word)
    return bool(looks) and not ready(shapes["no_medicine"]).search(word) and not _common(word, tag)


def _common(word: str, tag: str) -> bool:
    """Whether a word, or what it was formed of, is among the commonest."""
    known = common_words(tag)
    endings = (one.partition("-") for one in language(tag).medical["formed"].split())
    formed = {word[: -len(end)] + root for end, _, root in endings if word.endswith(end)}
    return word in known or not known.isdisjoint(formed)


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


def own_words(document: Document, glossary: Glossary) -> tuple[str, ...]:
    """The words that no author can avoid: those of the document's own name, and the terms that it explains.

    A guide to colonoscopy says "colonoscopy" in every second sentence; that makes it no harder, once it is said what
    that is. A term that is explained nowhere counts as it stands.
    """
    named = {word.lower() for word in words(f"{document.title} {document.procedure}") if len(word) > _SHORT}
    terms_in, first = glossary_reader(glossary, document.language), dict[str, bool]()
    for passage in passages(document):
        for number, sentence in enumerate(passage.sentences):
            bold = [one for one in passage.strong if one in sentence and len(one.split()) <= LONGEST_TERM]
            forms = [(form, term.plain) for term, form in terms_in(sentence)]
            for form, plain in (*forms, *((one, "") for one in (*bold, *medical_words(sentence, document.language)))):
                first.setdefault(form.lower(), explained(form, passage, number, plain))
    return tuple(sorted(named | {form for form, told in first.items() if told}))


_SHORT = 5  # letters: a word of as few has hardly three syllables


def without_terms(sentence: str, terms: tuple[str, ...], plain: str = "word") -> str:
    """A sentence with a plain word in place of each term."""
    if not terms:
        return sentence
    pattern = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])(?:{pattern})(?:s|es)?(?![\w-])", plain, sentence, flags=re.IGNORECASE)


DIGIT = r"\d"
LONGEST = 1000  # letters of a sentence, a paragraph or a row that is read as one


@dataclass(frozen=True, slots=True)
class ToldSentence:
    """A sentence with its place.

    `row` is the table row that it stands in, or the sentence itself; `around` its paragraph or row, `heading` that of
    its section.
    """

    line: int
    sentence: str
    row: str
    around: str
    heading: str = ""


@cache
def ready(words: str) -> re.Pattern[str]:
    """A pattern for small and capital letters, made when it is first wanted: most commands need none."""
    return re.compile(words, re.IGNORECASE)


def told_in(document: Document, holds: str) -> Iterator[ToldSentence]:
    """The sentences of a document in a language that we know, headings too, that hold a pattern at least."""
    return (part for told in _told_in(document) for part in _parts(told) if ready(holds).search(part.sentence))


def _parts(told: ToldSentence) -> Iterator[ToldSentence]:
    """A sentence, or parts of one that is so long that it is none: so each is read in the same short time."""
    rest = told.sentence
    if len(rest) <= LONGEST >= len(told.around):
        yield told
        return
    while rest:
        end = len(rest) if len(rest) <= LONGEST else rest.rfind(" ", 1, LONGEST) % LONGEST + 1
        part, rest = rest[:end].strip(), rest[end:]
        yield ToldSentence(told.line, part, part, part, told.heading)


def _told_in(document: Document) -> Iterator[ToldSentence]:
    if not knows(document, "slips"):
        return
    for section in document.sections:
        for sentence in spoken(section.heading):
            yield ToldSentence(section.line, sentence, sentence, section.heading, section.heading)
    every = passages(document)
    rows: dict[tuple[int, int, int], list[str]] = {}
    for one in every:
        if one.row >= 0:
            rows.setdefault((one.section, one.line, one.row), []).extend(one.sentences)
    for one in every:
        row = " | ".join(rows.get((one.section, one.line, one.row), ()))
        heading = document.sections[one.section].heading if one.section >= 0 else ""
        around = row or " | ".join(one.sentences)  # once: a paragraph may have thousands
        for sentence in one.sentences:
            yield ToldSentence(one.line, sentence, row or sentence, around, heading)


# L15: body temperatures -----------------------------------------------------------------------------------------------

_DEGREES = (  # a capital F or C, unless a sign of degrees tells what it is
    r"(?-i:(?<![\d.,])(?<!(?<!\d)[-−–])(\d{2,4}(?:[.,]\d{1,2})?)\s?"
    r"(?:(?:°|º|˚|degrees?|deg\.?|grados)\s?(F|C|f|c|Fahrenheit|fahrenheit|Celsius|celsius|centígrados)|(F|C|Fahrenheit"
    r"|Celsius)|(℉|℃))(?!\w))"
)
_FEVER_OF = (
    r"\b(?:fevers?|fiebre|calentura)\b[^.;]{0,25}\b(?:of|over|above|than|is|at|least|reach\w*|to|de|más|mayor|superior"
    r"|supera|pasa)\b[^.;]{0,20}$"
)
_BODY = (
    r"\b(?:fevers?|feverish|fiebre|calentura|thermometer|termómetro)\b|\b(?:your|body|his|her|their|child['’]?s|baby['’]?s"
    r"|oral|rectal) temp(?:erature)?\b|\btemp(?:erature)?:? \d"
    r"|\btemp(?:erature)? (?:is |goes |rises |reaches )?(?:of|over|above|higher)\b"
    r"|\btemperatura (?:corporal|de|mayor|superior|pasa|supera|es|sube)\b|\bsu temperatura\b"
)
_THING = (
    r"\b(?:stor(?:e|ed|age|ing)|keep|refrigerat\w+|fridge|freez\w+|room|water|bath\w*|shower|heat\w*|warmer|compress\w*"
    r"|air|weather|outdoors?|outside|house|oven|cook\w*|meat|food|wash\w*|laundry|sterili\w+|laser|needle|probe|device"
    r"|tissue|boil\w*|steam\w*|autoclave|ice|cool\w*|cryo\w*|soak\w*|tea|coffee|wax|oil|pool|sauna|milk|formula|bottle|pack|car|tumou?r|cells?|guard\w*|refriger\w+|nevera|agua|baño"
    r"|habitación|cuarto|aire|horno|leche|ducha)\b"
)
_POSSIBLE = {"F": (86.0, 115.0), "C": (30.0, 46.0)}  # the body; far beyond what anybody lives through
_FEVERS = {"F": (95.0, 110.0), "C": (35.0, 43.0)}  # where texts draw a line
_DIFFERENCE = 15.0  # "rises by 2°F" speaks of a step


def _between(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _impossible(told: ToldSentence, match: re.Match[str]) -> str:
    """What is wrong with a temperature, in words; nothing when it can be meant, or is not the body's."""
    value = float(match[1].replace(",", "."))
    unit = "F" if (match[2] or match[3] or match[4])[0] in "Ff℉" else "C"
    if value < _DIFFERENCE or _between(value, _POSSIBLE[unit]):
        return ""
    other = "C" if unit == "F" else "F"
    before = told.sentence[max(0, match.start() - 60) : match.start()]
    if not (ready(_FEVER_OF).search(before) and not ready(_THING).search(before)):
        body = ready(_BODY).search(told.sentence) or ready(_BODY).search(told.around)
        if not body or ready(_THING).search(told.sentence):
            return ""
        if not (_between(value, _FEVERS[other]) or _between(value / 10, _FEVERS[unit])):
            return ""
    if _between(value, _FEVERS[other]):
        right = value * 9 / 5 + 32 if other == "C" else (value - 32) * 5 / 9
        return f"It may be {value:g}°{other}, which is {right:.1f}°{unit}."
    if _between(value / 10, _FEVERS[unit]):
        return f"It may be {value / 10:g}°{unit}."
    return f"People live between {_POSSIBLE[unit][0]:g} and {_POSSIBLE[unit][1]:g}°{unit}."


@rule(
    "L15", "body-temperature", source="https://mountsinai.org/health-library/symptoms/fever", severity=Severity.WARNING
)
def body_temperature(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A fever is one in the unit that stands behind it: 38 is one in °C, and 100.4 in °F.

    How warm a fridge, a bath or a room is, and by how much a temperature rises, is no finding.

    Wrong: "Call us if the fever is over 38.3°F." Right: "Call us if the fever is over 101°F (38.3°C)."
    """
    for told in told_in(document, DIGIT):
        found = [
            (match, wrong) for match in ready(_DEGREES).finditer(told.sentence) if (wrong := _impossible(told, match))
        ]
        if found:
            match, wrong = found[0]
            message = f"Nobody has a temperature of {match[0].strip()}. {wrong}"
            yield rule.found(str(document.file), told.line, message, "Correct the number or the unit.", told.sentence)


RULES = (body_temperature,)
