"""L16 and L17: how a medicine is to be taken: no dose beyond every label, and no Latin that patients cannot read.

English and Spanish; other languages are not judged. Both warn, for a prescriber may know better.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clinicpress.documents import Document
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.rules import Context, rule
from clinicpress.lint.terms import DIGIT, ToldSentence, ready, told_in
from clinicpress.words import Language, language

# L16: doses -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PainReliever:
    """A common medicine against pain: its names, and the most that a label gives an adult, in milligrams.

    `once` is the most in one dose, `daily` in 24 hours; of several labels (on the shelf, on prescription) the highest.
    """

    name: str
    names: str
    once: float
    daily: float
    source: str


PAIN_RELIEVERS = (
    PainReliever(
        "acetaminophen",
        r"acetaminophen|paracetamol|acetaminof[eé]n|tylenol|panadol",
        1300,  # two tablets of 650 mg with extended release
        4000,
        "https://www.canada.ca/en/health-canada/services/publications/drugs-health-products/poster-acetaminophen.html",
    ),
    PainReliever(
        "ibuprofen",
        r"ibuprofen[oa]?|advil|motrin",
        800,
        3200,  # on prescription (the FDA's label of tablets of 800 mg); on the shelf 1,200
        "https://rxreasoner.com/monographs/ibu/usage",
    ),
    PainReliever(
        "naproxen",
        r"naproxen[oa]?|aleve|naprosyn|anaprox",
        825,  # naproxen sodium, the first dose against gout; known, and not read in a label
        1650,  # naproxen sodium; naproxen 1,500
        "https://nctr-crs.fda.gov/fdalabel/services/spl/set-ids/2ae474dd-eaae-4401-8d42-613d672daea0/spl-doc",
    ),
    PainReliever(
        "aspirin",
        r"aspirin[ae]?|acetylsalicylic acid|ácido acetilsalicílico",
        1000,  # known, and not read in a label
        4000,  # on the shelf 12 tablets of 325 mg
        "https://ndclist.com/ndc/51532-0232/label",
    ),
    PainReliever(  # one that is not named: the most that any of these allows
        "pain medicine",
        r"pain ?(?:killers?|relievers?|medicines?|pills?)|analgésicos?|calmantes?",
        1300,
        4000,
        "https://www.canada.ca/en/health-canada/services/publications/drugs-health-products/poster-acetaminophen.html",
    ),
)
_DRUG = "|".join(rf"(?P<{one.name.replace(' ', '_')}>\b(?:{one.names})\b)" for one in PAIN_RELIEVERS)
_AMOUNT = (
    r"(?<![\d.,])(\d{1,3}(?:[,.\s]\d{3})+(?![\d.])|\d+(?:\.\d+)?)[\s-]?(mg|milligrams?|miligramos?|g|grams?|gramos?)\b"
    r"(?!\s?/(?!\s?(?:day|d\b|24|dose|día|dosis))"
    r"|\s(?:per|por|for (?:each|every)|a|an)\s?(?:kg|kilo\w*|ml|pound|libra|milli?lit\w*))"
)
_BEHIND = r"\W*(?:(?:of|de)\s+(?:(?:an?|the|your|any|una?|su)\s+)?)?([^\W\d_]+)"
_GOES_ON = (  # a word behind an amount that names no other substance
    r"an?|at|by|per|every|each|in|once|twice|or|and|for|if|up|to|total|daily|doses?|tab(?:let)?s?|pills?|caplets?"
    r"|capsules?|when|as|with|before|after|more|than|max(?:imum)?|on|the|one|two|three|four|five|six|eight|times|q|prn|po|bid|tid|qid|is|can|will"
    r"|may|that|would|days?|d|día|cada|al|por|en|una|dos|tres|veces|o|y|si|con|cuando|como|máximo|tabletas?|pastillas?"
)
_HARM = (
    r"overdos|too much|poison|toxic|destroy|damag|harm|kill|\bdie|death|fatal|deadly|danger|hurt|liver|sobredosis"
    r"|demasiad|hígado|dañ|mortal|peligro|\b(?:box|bottle|pack(?:age)?|contains?|holds?|caja|frasco|contiene)\b"
)
_ADVICE = (
    r"^\W*(?:please |then |first |you (?:may|can|should|must) |puede |debe )?(?:take|use|swallow|give|tom[ea]r?|use)\b"
    r"|\b(?:do not|don['’]t|never|no) (?:\w+ )?(?:more than|over|exceed)|\bnot exceed|\bup to\b|\bmax|\bat most\b"
    r"|\blimit\b|\bno (?:\w+ )?más de\b|\bhasta\b"
)
_EACH_TIME = (
    r"\b(?:every|each|times|twice|at (?:a time|once)|per dose|doses?|b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|q\s?\d|cada|veces"
    r"|c/)"
)
_OF_A_DAY = r"(?:\b(?:more than|exceed|up to|at most|max(?:imum)?(?: of)?|limit of|total(?: of)?|más de|hasta)\W*)$"
_A_DAY = (
    r"^\W*(?:(?:of |de )?[\w'’-]+ )?(?:total |in all )?(?:/ ?(?:day|d\b|24|día)|a day|per day|each day|daily"
    r"|in (?:(?:a|one) day|24)|al día|por día)"
)


_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_COUNT = rf"(?<![\w.,])(\d|{'|'.join(_COUNTS)})\s+(?:(?:tablets?|pills?|caplets?|capsules?)\s+(?:of\s+)?)?$"
_HOW_OFTEN = (  # close behind an amount: every 4 to 6 hours, six times a day
    rf"^(?:(?!\b(?:and|but|or|then|check)\b)[^.;:()|]){{0,45}}?(?:\bevery (\d+|{'|'.join(_COUNTS)})"
    rf"(?:\s?(?:to|or|-|–)\s?(\d+|{'|'.join(_COUNTS)}))? hours?\b|\bq\s?(\d)(?:-(\d))?\s?h"
    rf"|\b(\d|{'|'.join(_COUNTS)}) times (?:a|per|each|every) day\b)"
)
_LIMITED = r"\b(?:no more|not more|more than|at most|max\w*|exceed|up to|limit\w*|only)\b|\bdoses? (?:in|a|per)\b"


def _number(written: str) -> float:
    return _COUNTS.get(written.lower()) or float(written)


def _times_a_day(told: ToldSentence, match: re.Match[str]) -> float:
    """How often a day an amount is taken at most, of a range the longer wait; 0 where that is not told, or limited."""
    often = ready(_HOW_OFTEN).match(told.sentence[match.end() :])
    if not often or ready(_LIMITED).search(told.around):
        return 0
    hours, longest, short, shortest, times = often.groups()
    wait = longest or hours or shortest or short
    return _number(times) if times else 24 / max(1, _number(wait))


def _milligrams(match: re.Match[str], thousands: str) -> float:
    """An amount in milligrams. "10.000" is ten thousand in Spanish, ten in English."""
    number = re.sub(r"[,\s]", "", match[1])
    if thousands == "." and re.fullmatch(r"\d{1,3}(?:\.\d{3})+", number):
        number = number.replace(".", "")
    if number.count(".") > 1:
        number = number.replace(".", "")
    return float(number) * (1 if match[2].lower().startswith("m") else 1000)


def _taken(told: ToldSentence, match: re.Match[str]) -> PainReliever | None:
    """The medicine that an amount is of: the next word, or the last one named before; None when it is of another."""
    behind = ready(_BEHIND).match(told.sentence, match.end())
    before = told.sentence[: match.start()]
    if behind and (named := ready(_DRUG).match(told.sentence, behind.start(1))):
        return _reliever(named)
    same_line = behind and not re.search(r"[.;:|)\n]", told.sentence[match.end() : behind.start(1)])
    if behind and same_line and not ready(_GOES_ON).fullmatch(behind[1]):
        return None
    last = [*ready(_DRUG).finditer(before)] or [*ready(_DRUG).finditer(told.around.partition(told.sentence)[0])]
    return _reliever(last[-1]) if last else None


def _reliever(named: re.Match[str]) -> PainReliever:
    return next(one for one in PAIN_RELIEVERS if named[one.name.replace(" ", "_")])


@rule(
    "L16",
    "dose-limit",
    source="FDA labels, Health Canada (a link for each in lint/dosing.py)",
    severity=Severity.WARNING,
)
def dose_limit(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A dose of a common pain reliever is one that some label gives an adult: a zero too many can kill.

    So is what a day's doses come to: 1,000 mg every 4 hours are 6,000 mg.

    The most in a dose and in 24 hours: acetaminophen 1,300 and 4,000 mg, ibuprofen 800 and 3,200 mg, naproxen 825 and
    1,650 mg (as sodium), aspirin 1,000 and 4,000 mg. Less may be right for a patient; that is not judged, nor are other
    medicines. A sentence that tells what an overdose does is no finding.

    Wrong: "Take 10000 mg of Tylenol a day." Right: "Take 1000 mg of Tylenol every 6 hours, at most 3000 mg a day."
    """
    known = language(document.language)
    for told in told_in(document, DIGIT):
        for match in ready(_AMOUNT).finditer(told.sentence):
            drug = _taken(told, match)
            if drug is None or (ready(_HARM).search(told.sentence) and not ready(_ADVICE).search(told.sentence)):
                continue
            amount = _milligrams(match, known.thousands)
            if count := ready(_COUNT).search(told.sentence[: match.start()]):
                amount *= _number(count[1])
            of_a_day = ready(_OF_A_DAY).search(told.sentence[: match.start()]) or ready(_A_DAY).match(
                told.sentence[match.end() :]
            )
            each = not of_a_day and ready(_EACH_TIME).search(told.row)
            most, span = (drug.once, "in one dose") if each else (drug.daily, "in 24 hours")
            said = match[0].strip()
            if amount <= most:
                daily = amount * _times_a_day(told, match)
                if daily <= drug.daily:
                    continue
                said, most, span = f"This makes {daily:,.0f} mg", drug.daily, "in 24 hours"
            message = f"{said} of {drug.name} is more than any label gives an adult ({most:,.0f} mg {span})."
            remedy = f"Correct the number, and have a clinician look at it. See {drug.source} ."
            yield rule.found(str(document.file), told.line, message, remedy, told.sentence)
            break


# L17: Latin -----------------------------------------------------------------------------------------------------------

_HOURS = r"(?P<hours>\d{1,2}(?:\s?[-–]\s?\d{1,2})?)\s?(?:(?i:h|hr|hrs|hours?|hs|horas?)|°)"


@dataclass(frozen=True, slots=True)
class Latin:
    """A short form of prescriptions: how it is written, what it says in plain words, and the words that explain it.

    `beside_dose` holds for what may be something else ("PO Box", "bid farewell"): it counts only behind a dose.
    """

    written: str
    plain: str
    explained: str
    beside_dose: bool = False


def _dotted(letters: str) -> str:
    """A short form with dots: b.i.d."""
    return r"\.\s?".join(letters) + r"\.?"


def _caps_or_small(letters: str) -> str:
    """A short form that is no word: in capitals, in small letters, with dots."""
    return rf"{letters.upper()}|{letters}|{_dotted(letters)}|{_dotted(letters.upper())}"


_LATIN = (
    Latin(rf"[Qq]\.?\s?{_HOURS}", "every {} hours", r"\bevery|\bcada"),
    Latin(rf"c/\s?{_HOURS}", "every {} hours", r"\bevery|\bcada"),
    Latin(
        f"BID|{_dotted('bid')}|{_dotted('BID')}",
        "twice a day",
        r"twice|two times|2 times|dos veces|2 veces",
    ),
    Latin("bid|Bid", "twice a day", r"twice|two times|2 times|dos veces|2 veces", beside_dose=True),
    Latin(_caps_or_small("tid"), "3 times a day", r"three times|3 times|tres veces|3 veces"),
    Latin(_caps_or_small("qid"), "4 times a day", r"four times|4 times|cuatro veces|4 veces"),
    Latin(_caps_or_small("qod"), "every other day", r"other day|un día sí"),
    Latin(_caps_or_small("qhs"), "at bedtime", r"bedtime|each night|every night|acostarse|dormir"),
    Latin(rf"[Qq] ?(?:AM|am)|{_dotted('qam')}", "every morning", r"morning|mañana"),
    Latin(rf"[Qq] ?(?:PM|pm)|{_dotted('qpm')}", "every evening", r"evening|noche"),
    Latin(_caps_or_small("qd"), "once a day", r"once|daily|every day|una vez|cada día"),
    Latin(_caps_or_small("prn"), "when you need it", r"need|necesi"),
    Latin(_caps_or_small("npo"), "eat and drink nothing", r"\beat\b|drink|mouth|\bcom[ae]|beb|boca"),
    Latin("HS|h\\.s\\.", "at bedtime", r"bedtime|night|acostarse|dormir|noche", beside_dose=True),
    Latin("gtts?|GTTS?", "drops", r"drops?|gotas?"),
    Latin(
        f"PO|po|{_dotted('po')}|{_dotted('PO')}",
        "by mouth",
        r"mouth|swallow|boca|oral",
        beside_dose=True,
    ),
    Latin(f"VO|{_dotted('vo')}|{_dotted('VO')}", "by mouth", r"mouth|boca|oral", beside_dose=True),
)
_PERHAPS_LATIN = (  # a quick look: most sentences hold none
    r"(?<![^\W_])(?:q\.?\s?\d|c/|[bt]\.?\s?i\.?\s?d|q\.?\s?[ihoadp]|h\.?s|p\.?\s?[or]|n\.?\s?p|v\.?\s?o|g\.?\s?t)"
)
_DOSE = (
    r"(?:\d|½|¼|\b(?:one|two|three|half|una?|dos|tres))[\s-]?(?:m[cg]g|mg|g|ml|mL|units?|tabs?|tablets?|caps?|capsules?|pills?"
    r"|drops?|puffs?|tsp|doses?|tabletas?|pastillas?|cápsulas?|gotas)\b\.?"
)
_BEHIND_DOSE = rf"{_DOSE}(?:\W+(?:\w+\W+){{0,2}})?$"
_BEFORE_TIMES = (
    r"^\s*,?\s*(?:(?:BID|TID|QID|QD|QHS|QOD|PRN|[bt]\.?i\.?d|q\.?[io]?\.?d|q\.?\s?\d|prn|c/)"
    r"|(?:daily|every|once|twice|cada)\b)"
)
_SWALLOWED = r"\b(?:nothing|take[ns]?|taking|it|them|tome|dar)\s+$"
_A_WORD = r"^\s+(?:box|bldg|farewell|adieu|you|your|him|her|them|us|me|good\w*|the|for|on|to|an?)\b|^[’']"
_MEANS = r"\b(?:means?|stands? for|short for|says?|say|written|called|reads?|significan?|quiere decir|dice)\b"


def _latin_in(sentence: str, known: Language) -> list[tuple[str, str]]:
    """The short forms in a sentence that it does not explain, each with plain words for it, as they stand there."""
    if ready(_MEANS).search(sentence):
        return []
    found: dict[int, tuple[str, str]] = {}
    for latin in _LATIN:
        if re.search(latin.explained, sentence, re.IGNORECASE):
            continue
        for match in re.finditer(rf"(?<![\w./-])(?:{latin.written})(?![\w/-])", sentence):
            before, behind = sentence[: match.start()], sentence[match.end() :]
            dosed = ready(_BEHIND_DOSE).search(before)
            if latin.plain == "by mouth":
                dosed = dosed or ready(_BEFORE_TIMES).match(behind) or ready(_SWALLOWED).search(before)
            if latin.beside_dose and (not dosed or ready(_A_WORD).match(behind) or before.endswith(" to ")):
                continue
            if latin.plain == "twice a day" and sentence.isupper() and not re.search(_DOSE, sentence, re.IGNORECASE):
                continue  # a line in capitals: "DO NOT BID"
            hours = match.groupdict().get("hours") or ""
            words = known.doses.get(latin.plain, latin.plain).format(re.sub(r"\s?[-–]\s?", f" {known.to} ", hours))
            found.setdefault(match.start(), (match[0].strip(), words))
    return [found[place] for place in sorted(found)]


@rule(
    "L17",
    "latin-dosing",
    source="ISMP, List of Error-Prone Abbreviations; Joint Commission 'Do Not Use' list (QD, QOD)",
    severity=Severity.WARNING,
)
def latin_dosing(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """How often and how a medicine is taken is told in words: BID, PRN, PO and Q6H are for prescribers.

    A short form that the sentence explains is no finding, since it may stand so on the bottle.

    Wrong: "Take 2 tabs PO BID." Right: "Take 2 tablets by mouth, twice a day."
    """
    known = language(document.language)
    for told in told_in(document, _PERHAPS_LATIN):
        if found := _latin_in(told.sentence, known):
            forms = " and ".join(f"'{short}'" for short, _ in found)
            plain = "; ".join(f"{short}: '{words}'" for short, words in found)
            message = f"{forms}: few patients know what that is short for."
            yield rule.found(str(document.file), told.line, message, f"Write it in words ({plain}).", told.sentence)


RULES = (dose_limit, latin_dosing)
