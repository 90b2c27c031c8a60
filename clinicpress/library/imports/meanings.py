"""What headings and sentences are about, in English and Spanish: the words that tell a section's role.

Patterns (`meanings.toml`), not a model: each can be read, argued with and tested. A heading may name two roles
("Risks and benefits").
"""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from pathlib import Path

_TOLD = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_HEADING = [(role, re.compile("|".join(words))) for role, words in _TOLD["headings"].items()]
_BEFORE = "(?:the |your |los |las |el |la )?(?:possible |potential |main |key |common |posibles |principales )?"
_EXACT = re.compile(f"{_BEFORE}(?:{'|'.join(_TOLD['names']['whole'])})")
# Three points are enough for a section of its own (`placing.ENOUGH`).
_STRONG, _WEAK = 3, 1
_CONTENTS = {
    role: [
        (weight, re.compile(rf"\b(?:{'|'.join(words)})\b"))
        for weight, key in ((_STRONG, "strong"), (_WEAK, "weak"))
        for words in groups.get(key, ())
    ]
    for role, groups in _TOLD["content"].items()
}
_CONSENT = re.compile(
    r"\bi (?:hereby )?(?:consent|authorize|give (?:my )?(?:permission|consent)|agree to (?:the|this|have))\b"
    r"|\binformed consent\b|\bconsent (?:form|to|for)\b|\bi (?:have read and )?understand\b|\bsignature\b|\bwitness\b"
    r"|\bconsiento\b|\bautorizo\b|\bconsentimiento\b|\bfirma\b|\btestigo\b|\bdoy mi consentimiento\b"
)


def folded(text: str) -> str:
    """A text in small letters, without accents and curly quotes, in one line."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return " ".join("".join(one for one in plain if not unicodedata.combining(one)).split())


def heading_roles(words: str, *, exact: bool = False) -> tuple[str, ...]:
    """The roles that a heading names, the first of them the main one; none when its words tell nothing.

    With `exact`, only lines count that can be nothing but a heading.
    """
    text = folded(words).strip(" ¿?¡!:.0123456789)-–")
    if exact:
        return ("section",) if _EXACT.fullmatch(text) else ()
    roles = [role for role, pattern in _HEADING if pattern.search(text)]
    if "benefits" in roles and "drawbacks" in roles and re.search(r"\b(?:and|or|y|e|&)\b", text):
        return ("benefits", "drawbacks")
    if "alternativ" in text or "other options" in text or "other choices" in text or "otras opciones" in text:
        return ("comparison", "alternatives", *(role for role in roles if role == "no-treatment"))
    return tuple(roles[:1]) if not roles or roles[0] != "drawbacks" else ("drawbacks", "risks")


def content_scores(text: str, roles: Sequence[str]) -> dict[str, int]:
    """How strongly a text speaks for each role, in points."""
    plain = folded(text)
    scores = {}
    for role in roles:
        rows = _CONTENTS.get("drawbacks" if role == "risks" else role, [])
        scores[role] = sum(
            weight if weight == _STRONG else min(3, len(set(pattern.findall(plain)))) * weight
            for weight, pattern in rows
            if pattern.search(plain)
        )
    return scores


def consent_signs(text: str) -> list[str]:
    """The words of a text that make it a consent form, each once."""
    return sorted({found[0] for found in _CONSENT.finditer(folded(text))})
