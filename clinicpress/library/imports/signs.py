"""Small signs that mean much in a dose: raised and lowered digits, fractions, and letters of fonts made of pictures.

And the words, numbers and signs of a text, as they are counted before and after an import. (The door to mammoth's
table of such fonts.)
"""

import re
import unicodedata
from collections import Counter

from mammoth.docx.dingbats import dingbats

_HIGH = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_LOW = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
_AS_THEY_ARE = {"tm": "™", "sm": "℠", "®": "®", "©": "©", "°": "°", "*": "*", "†": "†", "‡": "‡"}
_ORDINAL = re.compile(r"st|nd|rd|th|os|as|er|era|ª|º|°|\.ª|\.º", re.IGNORECASE)
_PLAIN_DIGITS = {high: low for table in (_HIGH, _LOW) for low, high in table.items() if low != "-"} | {
    "⁻": "-",
    "₋": "-",
}
_FRACTIONS = {
    pair: chr(code)
    for code in (*range(0xBC, 0xBF), *range(0x2153, 0x215F))  # those that our fonts have
    if (pair := unicodedata.normalize("NFKC", chr(code)).partition("⁄"))[2]
}
_STACKED = re.compile(
    rf"([{''.join(_HIGH[one] for one in '0123456789')}]+)[/⁄]([{''.join(_LOW[one] for one in '0123456789')}]+)"
)
# Signs that no font of ours can draw, and the sign of the same meaning that it can.
_LIKE = str.maketrans("🞎🞏🞐🗆⬜🗹🗷🗵🗸✔✅🗶✘✖❌➔➜🡆🡪🡺⮚➢❑❒◻◽", "☐☐☐☐☐☑☒☒✓✓✓✗✗✗✗→→→→→▸▸☐☐☐☐")
BULLETS = frozenset("•◦▪●○·‣–—-⁃∙◾◼■□◆❖§o*+")
"""What an ordinary item of a list begins with."""
SPEAKING = "✓✔✅✗✘✖❌☐☑☒🗹🗷❑❒→➔➜➢►▸▶⇒★☆☎⚠"
"""Signs that say more than that an item begins."""
FONTS = ("symbol", "wingdings", "wingdings 2", "wingdings 3", "webdings")
"""Fonts that show a picture or a Greek letter in the place of each letter."""


def raised(words: str, before: str = "") -> str | None:
    """Words above the line, as Unicode has them: 10⁶. None when it has not."""
    return _moved(words, _HIGH, before)


def lowered(words: str, before: str = "") -> str | None:
    """Words below the line, as Unicode has them: H₂O. None when it has not."""
    return _moved(words, _LOW, before)


def _moved(words: str, table: dict[str, str], before: str) -> str | None:
    bare = words.strip()
    lead, tail = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
    if not bare:
        return words
    if table is _HIGH and bare.lower() in _AS_THEY_ARE:
        return lead + _AS_THEY_ARE[bare.lower()] + tail
    if table is _HIGH and before[-1:].isdigit() and bare in ("o", "a"):
        return words.replace("o", "º").replace("a", "ª")
    if table is _HIGH and before[-1:].isdigit() and _ORDINAL.fullmatch(bare):
        return words  # the 1st day: nothing else can be meant
    if all(one in table or one.isspace() for one in bare):
        return lead + "".join(table.get(one, one) for one in bare) + tail
    return None


def beside_the_line(words: str, *, high: bool) -> str:
    """Words above or below the line that Unicode has not, in a way that glues them to nothing: x^(ab), x_(ab)."""
    bare = words.strip()
    return words.replace(bare, f"{'^' if high else '_'}({bare})", 1)


def fraction(above: str, below: str) -> str:
    """A fraction in one line: ½ where Unicode has it, else 3/7, (a + b)/c."""
    above, below = above.strip(), below.strip()
    if sign := _FRACTIONS.get((above, "⁄", below)):
        return sign
    return "/".join(one if re.fullmatch(r"[\w.,%]+", one) else f"({one})" for one in (above, below))


def with_fractions(text: str) -> str:
    """A text whose fractions are made of raised and lowered digits, with fractions as people write them: 2½."""
    return _STACKED.sub(_unstacked, text)


def _unstacked(found: re.Match[str]) -> str:
    above, below = ("".join(_PLAIN_DIGITS[one] for one in part) for part in (found[1], found[2]))
    written = fraction(above, below)
    glued = len(written) > 1 and found.string[: found.start()][-1:].isdigit()
    return f" {written}" if glued else written


def of_font(text: str, font: str) -> str:
    """Letters of a font made of pictures, as the signs that a reader sees; others as they are.

    The codes of such a font stand in a file as they are, or 0xF000 higher. Source: [MS-OI29500] 2.1.
    """
    name = font.strip("\"' ").lower()
    if name not in FONTS:
        return text
    return "".join(_sign(one, name.title()) for one in text)


def _sign(character: str, font: str) -> str:
    code = ord(character)
    code = code - 0xF000 if 0xF000 <= code <= 0xF0FF else code
    found = dingbats.get((font, code)) if code > 0x20 and code not in (0xA0, 0xAD) else None
    return chr(found) if found else character if code != 0x20 else " "


def like(text: str) -> str:
    """A text whose boxes, ticks and arrows are those that our fonts can draw."""
    return text.translate(_LIKE)


# Counting -------------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|_+|[^\s\w]")
_BESIDE = re.compile("|".join(f"[{re.escape(''.join(dict.fromkeys(table.values())))}]+" for table in (_HIGH, _LOW)))
_ALONE = re.compile("[¼-¾⅐-⅞™℠ªº]")  # signs that stand for several, or for one that is raised
_ONE_SIGN = str.maketrans({"⁄": "/", "−": "-", "º": "o", "ª": "a"})


def tokens(text: str) -> Counter[str]:
    """How often each word, number and sign stands in a text. Raised and lowered digits stand for themselves."""
    text = _ALONE.sub(lambda found: f" {unicodedata.normalize('NFKC', found[0])} ", text)
    text = _BESIDE.sub(lambda found: f" {found[0]} ", text)
    plain = unicodedata.normalize("NFKC", like(text)).translate(_ONE_SIGN)
    return Counter("__" if one[0] == "_" and len(one) > 2 else one for one in _TOKEN.findall(plain))
