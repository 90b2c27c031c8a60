"""How the words of a page look: bold, raised, struck through, in a font of pictures, or not shown at all.

Style sheets are read for that and nothing else. A rule counts when it names one tag, class or id; rules for some
screens only (@media) do not count.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clinicpress.library.imports.lists import bullet_label, numeral

_AT_RULE = re.compile(r"@[^{};]*+(?:;|\{(?:[^{}]*+\{[^{}]*+\})*+[^{}]*+\})")
_RULE = re.compile(r"([^{}]++)\{([^{}]*+)\}")
_SIMPLE = re.compile(r"(?:[a-z]\w*)?[.#][\w-]+|[a-z]\w*", re.IGNORECASE)
_COUNTER = re.compile(r"\.(lst-kix_[\w-]+)\s*>\s*li:before\Z")
_CONTENT = re.compile(r"content:\s*\"([^\"]*)\"\s*(?:counter\([^,()]*,([\w-]+)\)\s*\"([^\"]*)\")?")
_KIX = re.compile(r"\blst-kix_[\w-]+-(\d)\b")
_MSO_LEVEL = re.compile(r"mso-list:\s*l\d+\s+level(\d)")
_MARGIN = re.compile(r"margin(?:-left)?:[^;]*?([\d.]+)(in|pt|cm)\s*(?:;|$)")
_INCH = {"in": 1.0, "pt": 72.0, "cm": 2.54}
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display:\s*none|visibility:\s*hidden)")
# Parts of a page that are not its text, by one of their names. ("with-cookie-banner" is a name of a whole page.)
_FURNITURE = (
    ("cookies", re.compile(r"(?:cookies?|gdpr|onetrust)(?:[-_]\w+)*+", re.IGNORECASE)),
    ("preheader", re.compile(r"(?:email-?)?pre-?header(?:-?text)?|preview-?text", re.IGNORECASE)),
    ("menu", re.compile(r"(?:\w+[-_])?(?:nav(?:bar|igation)?|menu|breadcrumbs?)|skip-?link", re.IGNORECASE)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """How the words of an element look. `away` says why they are left out; empty when they are not."""

    bold: bool = False
    italic: bool = False
    high: bool = False
    low: bool = False
    font: str = ""
    away: str = ""


_TAGS: Mapping[str, Mapping[str, Any]] = {
    **{tag: {"bold": True} for tag in ("b", "strong")},
    **{tag: {"italic": True} for tag in ("i", "em")},
    **{tag: {"away": "struck"} for tag in ("del", "s", "strike")},
    **{tag: {"away": "drawing"} for tag in ("svg", "canvas")},
    **{tag: {"away": "stand-in"} for tag in ("object", "iframe", "audio", "video", "noscript")},
    "sup": {"high": True, "low": False},
    "sub": {"low": True, "high": False},
    "nav": {"away": "menu"},
    "button": {"away": "button"},
    **{tag: {"away": "above"} for tag in ("rt", "rp")},
}


@dataclass(slots=True)
class Looks:
    """The style sheets of a page, as far as they say how words look."""

    rules: dict[str, str] = field(default_factory=dict)
    labels: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def read(self, sheet: str) -> None:
        """Takes a style sheet."""
        sheet = re.sub(r"<!--|-->|/\*.*?\*/", "", sheet, flags=re.DOTALL)
        for names, said in _RULE.findall(_AT_RULE.sub("", sheet)):
            for name in map(str.strip, names.split(",")):
                if _SIMPLE.fullmatch(name):
                    self.rules[name] = f"{self.rules.get(name, '')};{said}"
                elif (of := _COUNTER.fullmatch(name)) and (told := _CONTENT.search(said)):
                    self.labels[of[1]] = (_unescaped(told[1]), told[2] or "", _unescaped(told[3] or ""))

    def of(self, tag: str, attributes: dict[str, str], around: Look) -> Look:
        """How an element looks that stands in another."""
        look = replace(around, **_TAGS[tag]) if tag in _TAGS else around
        style = self.style_of(tag, attributes)
        if around.away:
            return replace(look, away=around.away)
        if style:
            look = _styled(look, style)
        if "hidden" in attributes or _HIDDEN.search(style):
            return replace(look, away="hidden")
        if attributes.get("role") == "navigation":
            return replace(look, away="menu")
        named = f"{attributes.get('class', '')} {attributes.get('id', '')}"
        if tag not in ("html", "body", "main", "article", "li", "td", "h1", "h2", "h3") and named.strip():
            names = named.split()
            away = next((why for why, pattern in _FURNITURE if any(map(pattern.fullmatch, names))), look.away)
            look = replace(look, away=away)
        return look

    def style_of(self, tag: str, attributes: dict[str, str]) -> str:
        """All that the style sheets and the element itself say about it, in small letters."""
        names = [tag]
        for name in attributes.get("class", "").split():
            names += [f".{name}", f"{tag}.{name}"]
        if "id" in attributes:
            names += [f"#{attributes['id']}", f"{tag}#{attributes['id']}"]
        said = [self.rules[name] for name in names if name in self.rules]
        return ";".join([*said, attributes.get("style", "")]).lower().strip("; ")

    def label(self, named: str, number: int) -> str | None:
        """What Google's pages show before an item of a list; None when the page does not say."""
        found = re.search(r"lst-kix_[\w-]+", named)
        if found is None or found[0] not in self.labels:
            return None
        before, style, behind = self.labels[found[0]]
        return f"{before}{numeral(number, style)}{behind}".strip() if style else bullet_label(before)


def list_level(tag: str, attributes: dict[str, str]) -> int | None:
    """The level, from 0, of a list or item whose program writes it beside it and not in its nesting."""
    named = attributes.get("class", "")
    if found := _KIX.search(named):
        return int(found[1])
    style = attributes.get("style", "").lower()
    if tag == "p" and (found := _MSO_LEVEL.search(style)):
        return int(found[1]) - 1
    if tag == "p" and named.startswith("MsoListParagraph"):
        margin = _MARGIN.search(style)
        inches = float(margin[1]) / _INCH[margin[2]] if margin else 0.5
        return min(max(round(inches / 0.5) - 1, 0), 8)
    return None


def _styled(look: Look, style: str) -> Look:
    """A look, changed by what a style says; the last word counts."""
    for part in style.split(";"):
        key, _, value = (word.strip() for word in part.replace("!important", "").partition(":"))
        match key:
            case "font-weight":
                look = replace(look, bold=value in ("bold", "bolder") or (value.isdigit() and int(value) >= 600))
            case "font-style":
                look = replace(look, italic=value in ("italic", "oblique"))
            case "vertical-align" if value in ("super", "sub", "baseline"):
                look = replace(look, high=value == "super", low=value == "sub")
            case "font-family":
                look = replace(look, font=value.partition(",")[0].strip("\"' "))
            case "font":  # size and family in one
                look = replace(look, font=re.sub(r"^.*?[\d.]+(?:pt|px|em|%)\S*\s*", "", value).strip("\"' "))
            case "text-decoration" | "text-decoration-line" if "line-through" in value:
                look = replace(look, away=look.away or "struck")
    return look


def _unescaped(text: str) -> str:
    return re.sub(r"\\0*([0-9a-fA-F]{1,6}) ?", lambda found: chr(min(int(found[1], 16), 0x10FFFF)), text)
