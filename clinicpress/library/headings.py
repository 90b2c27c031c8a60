"""The heading of a section: its words, and the roles in braces behind them."""

import re
from collections.abc import Sequence

from clinicpress.errors import Rule
from clinicpress.library.keys import nearest
from clinicpress.library.rules import UNKNOWN_ROLE, UNSUPPORTED

_ATTRIBUTES = re.compile(r"(?<!\s)\s*+\{((?:\s*[#.][^\s{}#.]+)+)\s*\}\s*$")
HeadingFault = tuple[Rule, str, str, str]
"""A rule, what is wrong, what to do, and the words that are meant."""


def read_heading(text: str, known: Sequence[str]) -> tuple[str, tuple[str, ...], list[HeadingFault]]:
    """The words of a heading, its roles among the `known` ones, and what is wrong with it."""
    found = _ATTRIBUTES.search(text)
    named = re.findall(r"[#.]([^\s#.]+)", found[1]) if found else []
    unknown = [role for role in named if role not in known]
    faults = [(UNKNOWN_ROLE, f"The role '{role}' is unknown.", nearest(role, known), text) for role in unknown]
    words = text[: found.start()] if found else text
    return words, tuple(role for role in named if role in known), [*faults, *marks_left(words)]


def marks_left(words: str) -> list[HeadingFault]:
    """What is wrong with a heading that has no words, or a mark that is not understood and would print."""
    if not words.strip():
        return [(UNSUPPORTED, "A heading has no words.", "Write what the section is about.", "")]
    if "{" in words or "}" in words:
        remedy = "A role stands at the end of a section's heading: '## What it is {#definition}'."
        return [(UNKNOWN_ROLE, "The mark in the heading is not understood.", remedy, words)]
    return []
