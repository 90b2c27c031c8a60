"""B: whether the clinic's colours, words and characters print, in colour and in grey."""

import unicodedata
from collections.abc import Iterator

from clinicpress.clinics import ClinicProfile
from clinicpress.documents import Document
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.rules import Context, rule

WCAG = "WCAG 2.2, 1.4.3 and 1.4.6"
MIN_RATIO = 7.0  # WCAG level AAA for text: a brand colour is used for headings of 12.5 points
MAX_GREY = 110  # of 255: darker than this survives a black and white printer and a fax
SHIPPED_NAME = "Your Clinic"
SHOWN = 100  # characters of a text that a finding repeats
# Characters that have room in the heads and feet of pages, in large print too.
LONGEST = {"name": 80, "after_hours": 80, "website": 80, "hours": 80, "footer": 48}
LONGEST_ADDRESS, ADDRESS_LINES = 60, 6
LONGEST_NOTICE = 5_000  # characters: about a page; a tagline in fifteen languages has half of that


def luminance(color: str) -> float:
    """The relative luminance of a colour `#rrggbb`, from 0 (black) to 1 (white). Source: WCAG 2.2, glossary."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast_on_white(color: str) -> float:
    """The contrast of a colour on white paper, from 1 to 21. Source: WCAG 2.2, glossary."""
    return 1.05 / (luminance(color) + 0.05)


def grey_value(color: str) -> int:
    """How a black and white printer sees a colour, from 0 (black) to 255 (white). Source: ITU-R BT.601."""
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return round(0.299 * red + 0.587 * green + 0.114 * blue)


def darker(color: str) -> str:
    """The nearest darker tone of the same hue that is fit to print."""
    channels = [int(color[start : start + 2], 16) for start in (1, 3, 5)]
    for percent in range(100, -1, -1):
        tone = "#" + "".join(f"{channel * percent // 100:02x}" for channel in channels)
        if contrast_on_white(tone) >= MIN_RATIO and grey_value(tone) <= MAX_GREY:
            return tone
    return "#000000"


@rule("B01", "contrast", source=WCAG)
def contrast(rule: Rule, clinic: ClinicProfile, context: Context) -> Iterator[Problem]:
    """The brand colour stands at least 7:1 against white paper, because headings are set in it.

    Wrong: `color = "#7fb3d5"` (2.3:1). Right: `color = "#0b4a56"` (9.9:1).
    """
    color = clinic.branding.color
    ratio = contrast_on_white(color)
    if ratio < MIN_RATIO:
        message = f"The colour {color} has a contrast of {ratio:.1f}:1 on white; headings need {MIN_RATIO:.0f}:1."
        remedy = f"Take a darker tone, for example {darker(color)}."
        yield rule.found(str(clinic.file), clinic.lines.get("brand.color", 0), message, remedy, color)


@rule("B02", "grey", source="docs/decisions/ink.md: measured on 1-bit prints")
def grey(rule: Rule, clinic: ClinicProfile, context: Context) -> Iterator[Problem]:
    """In black and white the brand colour is as dark as text (a grey value of 110 of 255 or less).

    Wrong: `#e08a00` prints as a middle grey. Right: a darker tone of it.
    """
    color = clinic.branding.color
    if grey_value(color) > MAX_GREY:
        message = f"The colour {color} prints as a pale grey ({grey_value(color)} of 255; at most {MAX_GREY})."
        remedy = f"Take a darker tone, for example {darker(color)}."
        yield rule.found(str(clinic.file), clinic.lines.get("brand.color", 0), message, remedy, color)


@rule("B03", "clinic-unset", source="42 CFR 482.24(c)(4)(v) (C01), hospital benchmark", severity=Severity.WARNING)
def clinic_unset(rule: Rule, clinic: ClinicProfile, context: Context) -> Iterator[Problem]:
    """A patient can see who hands the document out: name and logo. The address is C01.

    Wrong: the shipped `clinic.toml` with the name "Your Clinic". Right: your own name and logo.
    """
    missing = []
    if clinic.name == SHIPPED_NAME:
        missing.append("name")
    if clinic.branding.logo is None or clinic.name == SHIPPED_NAME:
        missing.append("logo")
    if missing:
        message = f"The clinic's {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set."
        remedy = f"Write your own in {clinic.file.name}."
        yield rule.found(str(clinic.file), clinic.lines.get("name", 1), message, remedy, clinic.name)


@rule("B08", "long-line", source="docs/decisions/page.md")
def long_line(rule: Rule, clinic: ClinicProfile, context: Context) -> Iterator[Problem]:
    """What the profile says has room in the heads and feet of pages: a name of 80 characters, six lines of address.

    Wrong: a footer of two sentences. Right: a few words; the rest belongs into the text.
    """

    def found(key: str, message: str, remedy: str, text: str) -> Problem:
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
        return rule.found(str(clinic.file), clinic.lines.get(key, 1), message, remedy, shown)

    texts = [(key, str(getattr(clinic, key)), longest) for key, longest in LONGEST.items()]
    texts += [(key, text, LONGEST["name"]) for key, text in _named_by_texts(clinic)]
    for key, text, longest in texts:
        if len(text) > longest:
            message = f"The {key} has {len(text)} characters; its line holds {longest}."
            remedy = "Take the short form of the name." if key == "name" else "Shorten it."
            yield found(key, message, remedy, text)
    for line in clinic.address:
        if len(line) > LONGEST_ADDRESS:
            message = f"A line of the address has {len(line)} characters; it holds {LONGEST_ADDRESS}."
            yield found("address", message, "Part it into two lines, or shorten it.", line)
    if len(clinic.address) > ADDRESS_LINES:
        message = f"The address has {len(clinic.address)} lines; the head of a page holds {ADDRESS_LINES}."
        remedy = "Leave out what nobody needs to find you or to write to you, or put two lines into one."
        yield found("address", message, remedy, clinic.address[ADDRESS_LINES])
    if notice := clinic.language_notice:
        length = sum(len(words) for _, words, _ in notice.paragraphs)
        if length > LONGEST_NOTICE:
            message = f"The notice {notice.file.name} has {length:,} characters; its place holds {LONGEST_NOTICE:,}."
            yield found("language_notice", message, "Shorten it, or hand it out on a sheet of its own.", "")


def _named_by_texts(clinic: ClinicProfile) -> list[tuple[str, str]]:
    """The words of the profile that only texts name, by their keys."""
    said = [("legal_name", clinic.legal_name), *clinic.facts.items()]
    return [(key, text) for key, text in said if isinstance(text, str)]


def _missing_glyph(rule: Rule, file: str, places: list[tuple[int, str]], context: Context) -> Iterator[Problem]:
    reported: set[str] = set()
    for line, text in places:
        for character in text:
            if ord(character) in context.writable or character.isspace() or character in reported:
                continue
            if unicodedata.category(character).startswith("C"):  # S16 has said so
                continue
            reported.add(character)
            name = unicodedata.name(character, "no name")
            message = f"No font of ours has the character {character} (U+{ord(character):04X}, {name})."
            remedy = "Write it in another way, or add a font that has it to fonts/faces.toml."
            yield rule.found(file, line, message, remedy, text.strip())


@rule("B04", "missing-glyph", source="ISO 14289-1, 7.21.4.1")
def missing_glyph(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Every character of the text has a drawing in a font that ships with the product; otherwise a box would print.

    Wrong: an emoji or a Chinese name in an English leaflet. Right: plain words, or a font that has them.
    """
    places = [(document.lines.get("form", 1), document.form), *document.texts()]
    yield from _missing_glyph(rule, str(document.file), places, context)


@rule("B04", "missing-glyph", source="ISO 14289-1, 7.21.4.1")
def missing_glyph_in_profile(rule: Rule, clinic: ClinicProfile, context: Context) -> Iterator[Problem]:
    """The same for the words of the clinic profile."""
    keys = ("name", "after_hours", "website", "hours", "footer")
    places = [(clinic.lines.get(key, 1), str(getattr(clinic, key))) for key in keys]
    places += [(clinic.lines.get("address", 1), line) for line in clinic.address]
    places += [(clinic.lines.get(key, 1), text) for key, text in _named_by_texts(clinic)]
    yield from _missing_glyph(rule, str(clinic.file), places, context)
    if notice := clinic.language_notice:
        said = [(line, words) for _, words, line in notice.paragraphs]
        yield from _missing_glyph(rule, str(notice.file), said, context)


DOCUMENT_RULES = (missing_glyph,)
CLINIC_RULES = (contrast, grey, clinic_unset, long_line, missing_glyph_in_profile)
