"""Figures and logos: read whole from beside the text, made fit for print, or refused when that cannot be."""

from pathlib import Path

from clinicpress.documents.blocks import Asset
from clinicpress.errors import Problem, Rule
from clinicpress.library.drawings import UnfitError, read_drawing
from clinicpress.library.files import read_bytes
from clinicpress.library.rules import BROKEN_FIGURE, IMAGE_TOO_LARGE, REMOTE_IMAGE

MAX_PICTURE = 5_000_000  # bytes
MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_PILLOW_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}


def read_picture(path: Path, folder: Path, at: tuple[str, int]) -> tuple[Asset | None, list[Problem]]:
    """A figure or logo that lies in `folder`, or what is wrong with it, to be shown at the place `at` (file, line)."""

    def no(rule: Rule, message: str, remedy: str) -> tuple[None, list[Problem]]:
        return None, [rule.found(*at, message, remedy, path.name)]

    try:
        inside, there = path.resolve().is_relative_to(folder.resolve()), path.is_file()
    except (OSError, ValueError, RuntimeError):  # a name with NUL, one that is too long, a link to itself
        return no(BROKEN_FIGURE, "The picture's name leads nowhere.", "Give the file a plain name, and write it here.")
    if not inside:
        return no(REMOTE_IMAGE, f"The picture {path.name} lies outside {folder}.", "Put a copy beside the text.")
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        return no(BROKEN_FIGURE, f"{path.name} is not an SVG, PNG or JPEG file.", "Save the picture in one of these.")
    if not there:
        beside = sorted(p.name for p in folder.glob("*") if p.suffix.lower() in MEDIA_TYPES)
        found = f"In its folder are: {', '.join(beside)}." if beside else "Its folder holds no pictures."
        return no(BROKEN_FIGURE, f"The picture {path.name} is not there.", found)
    if path.stat().st_size > MAX_PICTURE:
        return no(IMAGE_TOO_LARGE, f"{path.name} is larger than 5 MB.", "Save it smaller; 300 dots an inch are enough.")
    written = read_bytes(path, MAX_PICTURE)
    try:
        if media_type == "image/svg+xml":
            data, size = read_drawing(written)
        else:
            from clinicpress.library.bitmaps import read_bitmap  # noqa: PLC0415  most libraries hold none; Pillow is slow

            data, size = read_bitmap(written, path, _PILLOW_FORMATS[media_type])
    except UnfitError as unfit:
        return no(unfit.rule, f"{path.name}: {unfit.message}", unfit.remedy)
    return Asset(path.name, data, media_type, size, b"" if data == written else written), []
