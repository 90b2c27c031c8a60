"""L13, L14 and L18: whom a patient calls: a number or name that is not the clinic's, an emergency number that is none.

English and Spanish; other languages are not judged. Both warn: a program sees the slip, a person knows what was meant.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher, PhoneNumberType, shortnumberinfo

from clinicpress.clinics import ClinicProfile, Phone
from clinicpress.documents import Document
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.brand import SHIPPED_NAME
from clinicpress.lint.rules import Context, rule
from clinicpress.lint.terms import DIGIT, ready, told_in

# L13: phone numbers ---------------------------------------------------------------------------------------------------

_MANY_DIGITS = r"\d(?:[^\w\n]{0,3}\d){6}"
_LOCAL = (  # 555-0134, without an area code
    r"\b(?:call|phone|dial|ring|telephone|tel|text|reach|at|number|llame|marque|teléfono)\b[^\d.;]{0,20}"
    r"(?<![\w-])(\d{3}[-.]\d{4})(?![\w-]|\.\d)"
)
_CALLING = r"\b(?:call|phone|dial|ring|tele\w+|tel|text|llam\w+|marque|teléfono)\b"
_OURS = (
    r"(?<![\w-])(?:us|ours?|(?:the|this) (?:clinic|office|front desk|practice)|nos|nuestr[oa]s?"
    r"|la clínica|el consultorio)(?![\w-])"
)
_OTHERS = (  # whose number it is, when it is not ours
    r"\b(?:hospitals?|emergency (?:room|department|dept)|urgent care|ER\b|pharmac\w+|drug ?stores?|poison\w*|crisis"
    r"|(?:hot|help|life|quit) ?lines?|police|fire (?:department|station)|ambulance|labs?|laborator\w+|imaging|radiology"
    r"|insur\w+|health plans?|your plan|medicare|medicaid|county|state|department of|health department|public health"
    r"|makers?|manufacturer\w*|company|suppliers?|support|interpret\w+|translat\w+|relay|tty|taxi|rides?|transport\w*"
    r"|shuttle|dentists?|surgeons?|specialists?|therapists?|counsel\w+|home (?:health|care)|hospice|blood bank|group"
    r"|patient (?:representatives?|advocates?|relations)|irb|institutional review"
    r"|(?-i:Office (?:of|for) (?!Dr\b)(?:the )?[A-Z]\w*)"
    r"|foundation|association|society|shelter|school|university|cdc|fda|nhs|samhsa|medwatch|vaers|ombuds\w+"
    r"|office for civil rights|legal|board|commission|bureau|agency|red cross|veterans|fax|national|federal"
    r"|your (?:own )?(?:doctor|gp|nurse|provider|midwife)|farmacia\w*|hospital\w*|urgencias|veneno\w*|envenenamiento\w*"
    r"|policía|bomberos|ambulancia|laboratorio|seguro|condado|estado|departamento|línea de|intérprete\w*|fabricante"
    r"|grupo)\b"
)


def _region(clinic: ClinicProfile | None) -> str:
    """The country of the clinic by its phone number; as the profile has it, the United States unless told otherwise."""
    try:
        number = phonenumbers.parse(clinic.phone.uri if clinic else "")
    except phonenumbers.NumberParseException:
        return "US"
    return phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(
        number.country_code or 1
    )


@lru_cache(maxsize=50)
def _own_numbers(texts: tuple[str, ...], region: str) -> frozenset[str]:
    """The digits of every number in these texts, without the code of the country."""
    found = (match for text in texts for match in PhoneNumberMatcher(text, region, leniency=Leniency.POSSIBLE))
    return frozenset(phonenumbers.national_significant_number(match.number) for match in found)


def _numbers_of(clinic: ClinicProfile, region: str) -> frozenset[str]:
    notice = clinic.language_notice.paragraphs if clinic.language_notice else ()
    texts = (clinic.phone.printed, clinic.after_hours, clinic.hours, clinic.footer, clinic.website, *clinic.address)
    named = (one.printed for one in clinic.facts.values() if isinstance(one, Phone))
    return _own_numbers((*texts, *named, *clinic.other_phones, *(words for _, words, _ in notice)), region)


def _phones_in(sentence: str, region: str) -> list[tuple[int, int, str, bool]]:
    """Where a phone number stands in a sentence, its digits, and whether it is free to call (those are national)."""
    found = [
        (
            match.start,
            match.end,
            phonenumbers.national_significant_number(match.number),
            phonenumbers.number_type(match.number) == PhoneNumberType.TOLL_FREE,
        )
        for match in PhoneNumberMatcher(sentence, region)
        # A bare row of digits may be any number, and one behind a stroke is a part of another.
        if not match.raw_string.isdigit() or ready(_CALLING).search(sentence)
        if not sentence[: match.start].endswith("/")
    ]
    if region in ("US", "CA"):
        taken = [(start, end) for start, end, _, _ in found]
        for match in ready(_LOCAL).finditer(sentence):
            first, last = match.span(1)
            if not any(start < last and first < end for start, end in taken):
                found.append((first, last, re.sub(r"\D", "", match[1]), False))
    return sorted(found)


@rule("L13", "other-phone", source="The profile of the clinic (docs/clinic.md)", severity=Severity.WARNING)
def other_phone(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A phone number in a text is one of the clinic's, or the text says whose it is.

    A leaflet that was taken over from elsewhere keeps the number of where it was written, and people call there. Ours
    are those in `clinic.toml`: `phone`, `after_hours`, `hours`, `footer`, `address`, and further ones in
    `other_phones`. The number of a hospital, a pharmacy or a help line is no finding when the words beside it say
    so, nor is one that is free to call, unless the words call it ours.

    Wrong: "Call us at 402-395-2191", in a clinic with another number.
    Right: "Call us at (503) 555-0171", or "Poison Control: 1-800-222-1222".
    """
    clinic = context.clinic
    if clinic is None or not clinic.phone.printed:
        return
    region = _region(clinic)
    own = _numbers_of(clinic, region)
    for told in told_in(document, _MANY_DIGITS):
        before = 0
        found = _phones_in(told.sentence, region)
        for place, (start, end, digits, free) in enumerate(found):
            behind = found[place + 1][0] if place + 1 < len(found) else len(told.sentence)
            label = told.sentence[before:start] + " " + re.split("[;,]", told.sentence[end:behind])[0]
            if told.sentence == told.sentence[start:end].strip() or not re.search(r"[^\W\d]{2}", label):
                label = told.around  # a table cell or a brief line: the words stand beside it
            before = end
            ours = any(one.endswith(digits) for one in own) if len(digits) == 7 else digits in own
            said_ours = ready(_OURS).search(label)
            if (
                ours
                or ready(_OTHERS).search(label)
                or (not said_ours and (free or ready(_OTHERS).search(told.sentence)))
            ):
                continue
            message = f"'{told.sentence[start:end]}' is no phone number of {clinic.name}."
            remedy = (
                f"Write {clinic.phone.printed}, or say whose number it is. A further number of yours belongs into "
                f"other_phones in {clinic.file.name}."
            )
            yield rule.found(str(document.file), told.line, message, remedy, told.sentence)


# L14: emergency numbers -----------------------------------------------------------------------------------------------

_SHORT = r"\d[-. ]?\d[-. ]?\d(?:[-. ]?\d)?"
_NO_NUMBER = (  # what follows a number that counts, or a longer number
    r"(?![-./ )]{0,3}\(?\d)(?!\w|%|°|:\d)(?! ?(?:hours?|days?|weeks?|months?|minutes?|times|miles|feet|steps|m[gl]"
    r"|people|years?|a\.m|p\.m|am|pm|horas?|días?|minutos?|veces|personas|años)\b)"
)
_CALLED = (
    r"\b(?:call(?:ing)?|dial(?:ing)?|phon(?:e|ing)|ring(?:ing)?|telephone|llam(?:e|ar|a|en|ando)|marque|marcar|marca)"
    r"\b(?:\s+(?:the|an|emergency|number|services?|line|ambulance|at|on|to|now|right away|immediately|first|just|simply"
    r"|please|al?|el|número|de|emergencias?|inmediato|ahora|enseguida))*[\s:,“\"'(]+"
    rf"({_SHORT}(?:\s*(?:,|/|or|and|o|y)\s+{_SHORT})*){_NO_NUMBER}"
)
_LABELLED = (
    rf"\b(?:emergenc(?:y|ies)|ambulance|emergencias?|ambulancia)(?: (?:number|line|services))?\s*[:,–—-]?\s+"
    rf"({_SHORT}){_NO_NUMBER}"
)
_URGENT = (
    r"emergenc|ambulanc|right away|at once|immediate|urgen|breath|chest|stroke|faint|unconscious|pass(?:ed)? out|bleed"
    r"|seizure|life|severe|danger|suicid|crisis|heart|chok|swell|respir|pecho|sangr|desmay|de inmediato|enseguida"
    r"|grave"
)


@lru_cache(maxsize=200)
def _rings(number: str, region: str) -> bool:
    """Whether a short number leads somewhere in a country: for emergencies (911), or for all (211, 988)."""
    if shortnumberinfo.is_emergency_number(number, region):
        return True
    parsed = phonenumbers.parse(number, region)
    return shortnumberinfo.is_valid_short_number_for_region(parsed, region)


@lru_cache(maxsize=20)
def _emergency_number(region: str) -> str:
    """The number for emergencies that people of a country know: 112 rings in many, beside their own."""
    known = [number for number in ("911", "999", "000", "112") if shortnumberinfo.is_emergency_number(number, region)]
    return known[0] if known else ""


def _near(number: str, right: str) -> bool:
    """Whether a number is a slip of another: digits changed places, one is another, or one came twice."""
    swapped = sorted(number) == sorted(right)
    other = len(number) == len(right) and sum(a != b for a, b in zip(number, right, strict=True)) == 1
    return swapped or other


@rule(
    "L14",
    "emergency-number",
    source="National numbering plans, as libphonenumber keeps them; FCC, N11 codes",
    severity=Severity.WARNING,
)
def emergency_number(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A short number to call leads somewhere: 911 in the United States, 999 in Britain, 988, 211 and their like.

    Looked for are numbers of three digits behind "call", "dial" and the like, where something urgent is told or the
    number is nearly the right one. The country is that of the clinic's phone.

    Wrong: "Call 991 in an emergency." Right: "Call 911 in an emergency."
    """
    region = _region(context.clinic)
    right = _emergency_number(region)
    if not right:
        return
    for told in told_in(document, DIGIT):
        wrong: list[str] = []
        for match in (*ready(_CALLED).finditer(told.sentence), *ready(_LABELLED).finditer(told.sentence)):
            for written in re.findall(_SHORT, match[1]):
                number = re.sub(r"\D", "", written)
                if len(number) == 4:
                    slip = any(number[:at] + number[at + 1 :] == right for at in range(4))
                else:
                    slip = not _rings(number, region) and (
                        _near(number, right) or bool(ready(_URGENT).search(f"{told.around} {told.heading}"))
                    )
                wrong += [written.strip()] if slip and written.strip() not in wrong else []
        for written in wrong:
            message = f"'{written}' is no number that can be called in an emergency here ({region})."
            yield rule.found(str(document.file), told.line, message, f"Write {right}.", told.sentence)


# L18: another clinic's name -------------------------------------------------------------------------------------------

_KIND_OF_CLINIC = (
    r"Clinic|Family (?:Practice|Medicine)|Medical (?:Center|Group|Associates)|Health Center|Surgery Center"
    r"|Wellness Center|Dental(?: (?:Care|Group|Office))?|Orthop(?:a?edics)|Pediatrics|Dermatology|Physical Therapy"
)
_NAMED = rf"(?-i:(?:[A-Z][\w’'&-]*\.? ){{1,4}}(?:{_KIND_OF_CLINIC}))(?![\w-])"
_SPEAKS = (  # who hands the sheet out is meant, and nobody whom a patient is sent to
    rf"\b(?:welcome to|thank you for (?:choosing|visiting|coming to))(?: the)? ({_NAMED})",
    rf"\bat ({_NAMED}),? (?:we|our|you)\b",
    rf"^(?:please )?(?:call|phone|contact) ({_NAMED})",
    rf"\b(?:arrive|check in|come in|(?:bring|return) [^.;]{{1,30}})(?: \w+){{0,2}} (?:at|to) ({_NAMED})",
    rf"(?<!with )(?<!by )(?<!from )\b(?:our|your|the) (?:team|staff|nurses|office|front desk) (?:at|of) ({_NAMED})",
    rf"^(?:The )?({_NAMED})(?:['’]s)? (?:gives?|is|are|will|do|does|has|have|offers?|asks?|wants?|staff|team)\b",
)
_NO_NAME = r"^(?:our|your|this|that|any|each|every|my|an?)\b"
_DEPARTMENT = (  # "the Pain Clinic" is a door of some house
    r"(?:the|ear|eye|pain|sleep|skin|heart|wound|foot|walk-in|travel|women['’]s|men['’]s|free|local|fever|flu|vaccine"
    r"|blood|memory|diabetes|infusion|urgent|community|family|medical|health|public|county)"
)


@rule("L18", "other-clinic", source="The profile of the clinic (docs/clinic.md)", severity=Severity.WARNING)
def other_clinic(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A text that speaks for the clinic names the clinic that hands it out, and no other.

    Looked for is a name such as "… Clinic" or "… Medical Center" where the house itself speaks: "welcome to", "at …
    we", "the staff of", or a sentence that begins with it. Whom a patient is sent to, and who wrote a source, is no
    finding.

    Wrong: "Sunny Hills Clinic gives you this sheet", in a clinic of another name.
    Right: your own name, or `{clinic.name}`, which is always that of the clinic that prints.
    """
    clinic = context.clinic
    if clinic is None or clinic.name == SHIPPED_NAME:
        return
    ours = [name.casefold() for name in (clinic.name, clinic.legal_name) if name]
    for told in told_in(document, _KIND_OF_CLINIC):
        for name in (match[1] for one in _SPEAKS for match in ready(one).finditer(told.sentence)):
            small = name.casefold()
            generic = ready(rf"^(?:{_DEPARTMENT} )+\w+$").match(name) or ready(_NO_NAME).match(name)
            if generic or any(one in small or small in one for one in ours):
                continue
            message = f"'{name}' is not the name of {clinic.name}."
            remedy = "Write your own name, or {clinic.name}; or say what that clinic has to do with it."
            yield rule.found(str(document.file), told.line, message, remedy, told.sentence)
            break


RULES = (other_phone, emergency_number, other_clinic)
