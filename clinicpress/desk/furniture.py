"""What every page of the desk is made with: its style, its script, its letters, and the clinic's colour."""

from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

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
