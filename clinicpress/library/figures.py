"""A figure of a text: its drawing beside the text, its alternative text, its caption, its parts for large print."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from clinicpress.documents import Figure
from clinicpress.documents.blocks import Asset
from clinicpress.errors import Problem
from clinicpress.letters import unprintable_character
from clinicpress.library.pictures import read_picture
from clinicpress.library.rules import BROKEN_FIGURE, MISSING_ALT, MISSING_CAPTION, REMOTE_IMAGE, UNREADABLE_TEXT

_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_WIDTH = re.compile(r"(\d{1,3})%?", re.ASCII)
NARROWEST = 20  # percent of the line: nobody sees what a smaller picture shows
Spot = tuple[Path, int]
"""A place in a text: its file and line."""


def read_figure(
    said: Mapping[str, object], alternative: str, at: Spot
) -> tuple[Figure | None, list[Asset], list[Problem]]:
    """A figure, the pictures that were read for it, and what is wrong with it.

    `said` is what stands at the picture: its file (`src`), its caption (`title`), its parts in large print (`large`),
    and how wide its author wants it (`width`, such as 60%; without: as wide as it is).
    """
    path, line = at
    source, caption, width = (str(said.get(key, "")).strip() for key in ("src", "title", "width"))
    large = str(said.get("large", "")).split()
    problems = []
    share = _WIDTH.fullmatch(width)
    if width and not (share and NARROWEST <= int(share[1]) <= 100):
        message = f"The figure {source} cannot be '{width}' wide."
        remedy = f'Write how much of the line it takes, from {NARROWEST}% to 100%: {{width="60%"}}.'
        problems.append(BROKEN_FIGURE.found(str(path), line, message, remedy, source))
    if not alternative:
        remedy = "Say between the brackets what the picture shows, for a person who cannot see it."
        message = f"The figure {source} has no alternative text."
        problems.append(MISSING_ALT.found(str(path), line, message, remedy, source))
    if fault := unprintable_character(alternative + caption):
        message = f"The words of the figure hold {fault}, which does not print."
        problems.append(UNREADABLE_TEXT.found(str(path), line, message, "Type them again.", source))
    if not caption:
        remedy = 'Write it in quotes behind the file name: ![…](figure.svg "What to look for").'
        problems.append(MISSING_CAPTION.found(str(path), line, f"The figure {source} has no caption.", remedy, source))
    pictures = []
    for name in (source, *large):
        picture, faults = find_picture(name, at)
        problems += faults
        if picture is not None:
            pictures.append(picture)
    if not pictures or pictures[0].name != Path(unquote(source)).name:
        return None, pictures, problems
    wide = int(share[1]) if share else 0
    return Figure(pictures[0], alternative, caption, line, tuple(pictures[1:]), wide), pictures, problems


def find_picture(source: str, at: Spot) -> tuple[Asset | None, list[Problem]]:
    """The picture that a text names: it lies beside the text, and nowhere else."""
    path, line = at
    if _SCHEME.match(source) or source.startswith("/"):
        remedy = f"Put the picture beside {path.name} and write its file name alone."
        return None, [REMOTE_IMAGE.found(str(path), line, f"The picture {source} lies elsewhere.", remedy, source)]
    return read_picture(path.parent / unquote(source), path.parent, (str(path), line))
