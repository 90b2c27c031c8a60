"""Typefaces: those that ship with the product, and those for other scripts, found where set-up has put them.

Each comes as a package of the Noto fonts (SIL Open Font License 1.1) and is read only when a value needs it.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont

from clinicpress.clinics import FontFace
from clinicpress.documents.blocks import Asset
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


@dataclass(frozen=True, slots=True)
class Script:
    """A script: its name, the package with its typeface, the file there, and its characters (first, last)."""

    name: str
    package: str
    file: str
    ranges: tuple[tuple[int, int], ...]

    def holds(self, character: str) -> bool:
        """Whether a character belongs to the script."""
        return any(first <= ord(character) <= last for first, last in self.ranges)

    @property
    def path(self) -> Path | None:
        """Where its typeface is; None when the package is not installed."""
        if self not in FOUND:
            spec = find_spec(self.package.replace("-", "_"))
            path = Path(spec.origin).parent / self.file if spec and spec.origin else None
            if path is None or not path.is_file():
                return None
            FOUND[self] = path
        return FOUND[self]


FOUND: dict[Script, Path] = {}
"""Where the typefaces of scripts are, each looked up once a process. One that is missing may be added meanwhile."""


_HAN = ((0x2E80, 0x303F), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF), (0x20000, 0x3134F))
_KANA = ((0x3040, 0x30FF), (0x31F0, 0x31FF))
_HANGUL = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))
_SIMPLIFIED = Script("Chinese", "pylopdf-fonts-zh-cn", "NotoSansSC-Regular.otf", _HAN)
_TRADITIONAL = Script("Chinese", "pylopdf-fonts-zh-tw", "NotoSansTC-Regular.otf", _HAN)
_JAPANESE = Script("Japanese", "pylopdf-fonts-jp", "NotoSansJP-Regular.otf", (*_KANA, *_HAN))
_KOREAN = Script("Korean", "pylopdf-fonts-ko", "NotoSansKR-Regular.otf", (*_HANGUL, *_HAN))

SCRIPTS = (
    Script("Hebrew", "pylopdf-fonts-he", "NotoSansHebrew-Variable.ttf", ((0x0590, 0x05FF), (0xFB1D, 0xFB4F))),
    Script(
        "Arabic",
        "pylopdf-fonts-ar",
        "NotoSansArabic-Variable.ttf",
        ((0x0600, 0x06FF), (0x0750, 0x077F), (0x08A0, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    ),
    Script("Devanagari", "pylopdf-fonts-hi", "NotoSansDevanagari-Variable.ttf", ((0x0900, 0x097F), (0xA8E0, 0xA8FF))),
    Script("Thai", "pylopdf-fonts-th", "NotoSansThai-Variable.ttf", ((0x0E00, 0x0E7F),)),
    _SIMPLIFIED,
    _TRADITIONAL,
    _JAPANESE,
    _KOREAN,
)
"""The scripts that can be added. Chinese characters stand in four of them; each language draws them its own way."""

_BY_LANGUAGE = {"ja": _JAPANESE, "ko": _KOREAN, "zh-hant": _TRADITIONAL, "zh-tw": _TRADITIONAL, "zh-hk": _TRADITIONAL}


def faces_for(texts: Iterable[str], own: FontFace, language: str) -> tuple[FontFace, ...]:
    """The typefaces that texts need beside our own, as far as they are there.

    Chinese characters are drawn as the patient's `language` draws them; else as the texts themselves tell.
    """
    wanted = {character for text in texts for character in text if not own.writes(character)}
    faces: list[FontFace] = []
    for script in _in_order(wanted, language.lower()) if wanted else ():
        needed = {character for character in wanted if script.holds(character)}
        path = script.path if needed else None
        if path is not None:
            face = _read(script, path)
            if written := {character for character in needed if face.writes(character)}:
                faces.append(face)
                wanted -= written
    return tuple(faces)


def script_of(character: str) -> Script | None:
    """The script that a character belongs to, if its typeface can be added."""
    return next((script for script in (_JAPANESE, _KOREAN, *SCRIPTS) if _of_its_own(script, character)), None)


def _of_its_own(script: Script, character: str) -> bool:
    """Whether a character belongs to this script, and a Chinese one to Chinese."""
    shared = any(first <= ord(character) <= last for first, last in _HAN)
    return script.holds(character) and not (shared and script in (_JAPANESE, _KOREAN))


def _in_order(wanted: set[str], language: str) -> list[Script]:
    """All scripts, the most fitting first."""
    kana = any(_JAPANESE.holds(one) and not _SIMPLIFIED.holds(one) for one in wanted)
    hangul = any(_KOREAN.holds(one) and not _SIMPLIFIED.holds(one) for one in wanted)
    told = _BY_LANGUAGE.get(language) or _BY_LANGUAGE.get(language.partition("-")[0])
    first = _JAPANESE if kana else _KOREAN if hangul else told
    return sorted(SCRIPTS, key=lambda script: script is not first)


@lru_cache(maxsize=len(SCRIPTS))
def _read(script: Script, path: Path) -> FontFace:
    data = read_bytes(path, MAX_FONT)
    return FontFace(f"Noto {script.name}", "400", Asset(path.name, data, "font/otf"), coverage(data))
