"""The fonts that ship with the product, and which characters each can write."""

import tomllib
from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont

from clinicpress.clinics import Asset, FontFace
from clinicpress.errors import InputError
from clinicpress.library.files import read_bytes

MAX_FONT = 30_000_000  # bytes: a Chinese face has some 20 MB


def read_fonts(folder: Path) -> tuple[FontFace, ...]:
    """The faces that `fonts/faces.toml` lists, in its order.

    A page is set in the brand's family; the others help out with characters that it lacks.
    Raises `InputError` when a file is missing.
    """
    listing = tomllib.loads(read_bytes(folder / "faces.toml", 100_000).decode())
    faces = []
    for face in listing["face"]:
        path = folder / face["file"]
        if not path.is_file():
            raise InputError(f"The font {path} is missing. Restore the folder {folder} from the product.")
        data = read_bytes(path, MAX_FONT)
        faces.append(FontFace(face["family"], face["weight"], Asset(face["file"], data, "font/ttf"), coverage(data)))
    return tuple(faces)


def coverage(data: bytes) -> frozenset[int]:
    """The code points that a font file has a drawing for."""
    with TTFont(BytesIO(data), lazy=True) as font:
        return frozenset(font.getBestCmap())
