"""What pages of the desk are made with: style, script, letters, the clinic's colour; findings as plain values."""

from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from clinicpress.errors import Problem

ROOT = Path(__file__).parents[2]
FILES = {
    "desk.css": (ROOT / "templates" / "desk" / "desk.css", "text/css"),
    "icon.svg": (ROOT / "templates" / "desk" / "icon.svg", "image/svg+xml"),
    "desk.js": (ROOT / "templates" / "desk" / "desk.js", "text/javascript"),
    "regular.ttf": (ROOT / "fonts" / "clinic-sans" / "ClinicSans-Regular.ttf", "font/ttf"),
    "semibold.ttf": (ROOT / "fonts" / "clinic-sans" / "ClinicSans-SemiBold.ttf", "font/ttf"),
    "bold.ttf": (ROOT / "fonts" / "clinic-sans" / "ClinicSans-Bold.ttf", "font/ttf"),
}
"""Where each lies, and its media type."""


@lru_cache(maxsize=len(FILES))
def file(name: str) -> tuple[bytes, str]:
    """A file of the pages and its media type. Raises `KeyError` for one that is not there."""
    path, kind = FILES[name]
    try:
        return path.read_bytes(), kind
    except OSError as error:  # without a font the pages still tell what is missing, in letters of the browser
        raise KeyError(name) from error


@lru_cache(maxsize=1)
def files_version() -> str:
    """What stands behind the addresses of these files, so that browsers may keep them until they change."""
    mixed = blake2b(digest_size=6)
    for name in FILES:
        with suppress(KeyError):
            mixed.update(file(name)[0])
    return mixed.hexdigest()


def brand(color: str) -> str:
    """The style rule of the clinic's colour; ink where there is none."""
    return f":root {{ --brand: {color or '#111111'}; }}\n"


def plain(problem: Problem) -> dict[str, Any]:
    """A finding as plain values. `field` is the fact that it is about (`patient.name`), `said` its message without it.

    Where a finding is about a fact, its message begins with the fact's name and a colon.
    """
    name, colon, rest = problem.message.partition(": ")
    about = name if colon and " " not in name else ""
    return {
        **problem.as_dict(),
        "severity": str(problem.severity),
        "field": about,
        "said": rest if about else problem.message,
    }
