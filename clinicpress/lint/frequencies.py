"""L08 and L19: how often something happens, told so that it can be pictured; and times that cannot all be meant."""

import re
from collections import Counter
from collections.abc import Iterator

from clinicpress.documents import Document
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.rules import Context, rule
from clinicpress.lint.sentences import knows, passages
from clinicpress.lint.terms import ToldSentence, ready, told_in

_PERCENT = re.compile(
    r"(?<![\d.])(\d+(?:\.\d+)?)(?:\s*(?:%|percent)?\s*(?:[-–]|to)\s*\d+(?:\.\d+)?)?"
    r"\s*(?:%|percent\b|per cent\b)(.{0,30})"
)
_STRENGTH = re.compile(  # what a percentage of a fluid, a price or a cloth is said of
    r"^\s*\(?(?:or |of )?(?:the |your |a |pure |weak |mild |dilute )*"
    r"(?:dextrose|glucose|sugar|salt|saline|solution|lidocaine|alcohol|cream|gel"
    r"|ointment|lotion|oxygen|water|cotton|bleach|peroxide|acid|iodine|strength|sodium|discount|deposit|bill|cost|fee|price|charge"
    r"|copay|coinsurance|amount|juice|concentration|chlorhexidine|hydrocortisone|w/v|zinc|vinegar|of normal)\b",
    re.IGNORECASE,
)
_OUTCOME = re.compile(
    r"\b(?:patients?|people|persons?|women|men|children|babies|adults|cases|chances?|risks?|rates?|success\w*|likel\w+"
    r"|probab\w+|odds|effective\w*|improve\w*|relie\w+|better|heal\w*|complication\w*|infect\w+|bleed\w*|bruis\w+|fail\w*"
    r"|pain\w*|reaction\w*|surviv\w+|recur\w*|return\w*|come back|side effects?|the time|reduc\w+|lower\w*|more often"
    r"|get|have|had|report\w*|procedures?|treatments?|injections?|surger\w+|those|benefit\w*|respon\w+|symptom\w*|damage"
    r"|nausea|swelling|fever|faint\w*|works?|helps?|everyone|happen\w*|occur\w*|affect\w*|incidence)\b",
    re.IGNORECASE,
)
_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_NUMBER = rf"(?:\d[\d,]*|{'|'.join(_NUMBERS)}|a hundred|one hundred|a thousand|one thousand|twenty|fifty)"
_OF_PEOPLE = (  # one of ten people, 3 of 100 will: but one of two formulas
    rf"\s+(?:every |each )?{_NUMBER}(?:\s+(?:people|persons?|patients?|women|men|children|babies|adults|cases"
    r"|times|who|of|will|may|can|do|get|has|have|had|need|feel)\b|\s*(?:[.,;:)|]|$))"
)
_FREQUENCY = re.compile(
    rf"\b{_NUMBER}\s+(?:person |people |patients? |women |men |children |adults? )?"
    rf"(?:in|out of|per|(?:of|for)(?={_OF_PEOPLE}))\s+(?:every |each )?({_NUMBER})\b"
    r"(?!(?:\s*(?:to|or|-|–)\s*\w+)?\s*(?:weeks?|days?|hours?|minutes?|months?|years?|visits?"
    r"|treatments?|sessions?|ml|mg|steps?|pages?|inch\w*|doses?|pills?|tablets?|a\.m|p\.m|:))",
    re.IGNORECASE,
)
_OUT_OF = re.compile(  # out of 100 people, 2 …
    rf"\b(?:out )?of (?:every |each )?({_NUMBER}) (?:people|persons|patients|women|men|children|adults|cases)\b",
    re.IGNORECASE,
)
_MORE_NUMBERS = {
    "a hundred": 100,
    "one hundred": 100,
    "a thousand": 1000,
    "one thousand": 1000,
    "twenty": 20,
    "fifty": 50,
}
_FEW = 10  # people: out of fewer, a share of a hundred cannot be told
_RATIO = re.compile(r"\b1\s?:\s?\d[\d,]{2,}\b")


def _denominators(sentence: str) -> list[int]:
    """Out of how many, for each natural frequency of a sentence ("2 in 100", "one out of ten")."""
    every = {**_NUMBERS, **_MORE_NUMBERS}
    found = dict.fromkeys((*_FREQUENCY.findall(sentence), *_OUT_OF.findall(sentence)))
    return [every.get(one.lower()) or int(one.replace(",", "")) for one in found]


def _share_of_people(sentence: str) -> str:
    """A percentage that is said of people or of what happens to them; not the strength of a fluid or a price."""
    for found in _PERCENT.finditer(sentence):
        whole = float(found[1]) == 100  # "100% safe" is a claim (rule claims)
        said_of_people = _OUTCOME.search(sentence) or re.match(r"\s*of (?:the |all |our )?[a-z]", found[2])
        if not whole and not _STRENGTH.match(found[2]) and said_of_people:
            return found[0][: found.start(2) - found.start()].strip()
    if (ratio := _RATIO.search(sentence)) and not re.search(r"epinephrine|adrenalin|dilut", sentence, re.IGNORECASE):
        return ratio[0]
    return ""


@rule("L08", "numbers", source="PEMAT-P 6 and 7; AHRQ; Gigerenzer 2007", severity=Severity.WARNING)
def numbers(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """How often something happens is told in people, out of the same number of people throughout.

    "1 in 50" looks more than "1 in 100" to many, and a percentage needs arithmetic. The strength of a fluid is no such
    number. Percentages of people are looked for in English only.

    Wrong: "Infection occurs in 2% of cases; bleeding in 1 in 50."
    Right: "Out of 100 people, 2 get an infection and 2 bleed."
    """
    percentages = knows(document, "percentages")
    found = [
        (passage, sentence, _denominators(sentence)) for passage in passages(document) for sentence in passage.sentences
    ]
    count = Counter(one for _, _, many in found for one in many)
    usual = count.most_common(1)[0][0] if count else 0
    for passage, sentence, many in found:
        others = sorted({one for one in many if one != usual})
        if percentages and (share := _share_of_people(sentence)):
            message = f"'{share}' is hard to picture."
            remedy = f"Tell it in people: 'out of {usual if usual >= _FEW else 100} people, …'."
            yield rule.found(str(document.file), passage.line, message, remedy, sentence)
        elif others:
            message = f"Numbers out of {others[0]} stand beside numbers out of {usual}."
            round_number = 10 ** max(2, len(str(max(usual, *others) - 1)))  # 100, 1,000, 10,000 …
            remedy = f"Tell both out of the same number, for example out of {round_number:,} people."
            yield rule.found(str(document.file), passage.line, message, remedy, sentence)


# L19: times -----------------------------------------------------------------------------------------------------------

_CLOCK = r"(\d{1,2})(?::(\d{2}))?(?!\d)(?:\s?([ap])\.?m\b)?(?! (?:minutes?|hours?|days?|weeks?|times)\b)"
_BE_HERE = (
    r"\b(?:arrive|come(?: in)?|check in|be here|get here)(?: (?:at|by|in|here|to \w+|our \w+)){0,3}? "
    rf"(?:at|by) {_CLOCK}"
)
_VISIT = r"(?:appointment|visit|procedure|surgery|operation|test|exam|scan)"
_BEGINS = (
    rf"\bfor (?:your|the) {_CLOCK} {_VISIT}\b",
    rf"\b{_VISIT} (?:is|starts?|begins?|is set|is scheduled)(?: (?:at|for))? {_CLOCK}",
)
_OTHERS = r"\b(?:next|another|first|second|others?|some|people|(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow)\b"
_CROSSED = 4 * 60  # minutes: without am and pm, 11:30 is before 1:00
_FAST = r"\b(?:do not|don['’]t|not to|nothing to|no)\b[^.;,]*\bafter midnight\b(?: the night before)?"
_BREAKFAST = r"\b(?:eat|have|take) (?:an? |your |some )?(?:\w+ )?breakfast\b"
_OTHERWISE = (
    r"\b(?:not|no|never|skip|after|afterwards?|when|once|if|unless|until|home|afternoon|before|next|later|don['’]t)\b"
)


def _late(told: ToldSentence) -> str:
    """How a patient is asked to come behind the time of the visit, in words; nothing where that is not sure."""
    come = [*ready(_BE_HERE).finditer(told.around)]
    begin = [match for one in _BEGINS for match in ready(one).finditer(told.around)]
    if len(come) != 1 or len(begin) != 1 or ready(_OTHERS).search(told.around):
        return ""
    (hour, minute, half), (begins, begins_minute, begins_half) = come[0].groups(), begin[0].groups()
    first, second = int(hour) % 12 * 60 + int(minute or 0), int(begins) % 12 * 60 + int(begins_minute or 0)
    if half and begins_half:
        late = first + 720 * (half.lower() == "p") > second + 720 * (begins_half.lower() == "p")
    else:
        late = 0 < first - second <= _CROSSED
    return f"'{come[0][0]}' is later than '{begin[0][0]}'." if late and come[0][0] in told.sentence else ""


def _fed(told: ToldSentence) -> str:
    """How a patient is told to eat breakfast and not to eat after midnight, in words."""
    rest = ready(_FAST).sub(" ", told.sentence)
    meal = ready(_BREAKFAST).search(rest)
    fast = ready(_FAST).search(told.around)
    if not meal or not fast or ready(_OTHERWISE).search(rest):
        return ""
    asked = next((one for one in told.around.split(" | ") if fast[0] in one), "")
    return "" if ready(r"\bif\b").search(asked) else f"'{meal[0]}' does not go with '{fast[0]}'."


@rule("L19", "times", source="PEMAT-P 20 and 22", severity=Severity.WARNING)
def times(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Times of one paragraph can all be kept: nobody is asked to come behind the hour of the visit, or to fast and eat.

    Only what cannot both be meant is found; another day, an "if" or an "after the test" leaves it open. English only.

    Wrong: "Arrive at 8:00 for your 7:30 appointment." "Nothing to eat after midnight. Eat a light breakfast."
    Right: "Arrive at 7:00 for your 7:30 appointment." "Nothing to eat after midnight. Eat when you are home again."
    """
    if not knows(document, "times"):
        return
    for told in told_in(document, r"\d|breakfast"):
        if message := _late(told) or _fed(told):
            remedy = "Correct one of the two, or say when each of them holds."
            yield rule.found(str(document.file), told.line, message, remedy, told.sentence)


RULES = (numbers, times)
