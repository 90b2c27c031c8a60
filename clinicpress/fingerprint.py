"""Says in one digest what something is made from: the program and its packages, or files of content.

Whoever keeps something to use it again asks here whether it is still the same; a change anywhere is another digest.
"""

import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from clinicpress.cache import address
from clinicpress.files import read_file

ROOT = Path(__file__).resolve().parents[1]
SOURCES = tuple(str(ROOT / name) for name in ("clinicpress", "templates", "fonts"))
PINNED = tuple(ROOT / name for name in ("requirements.txt", "fonts/requirements.txt"))
_PIN = re.compile(r"^([\w.-]+)==", re.MULTILINE)
TEXTS = (".md", ".toml")
MOST_BYTES = 50_000_000  # of one file of content; what is read of one is less
MOST_FILES = 20_000  # of content: beyond, looking at them all takes as long as printing


@dataclass(frozen=True, slots=True)
class Content:
    """The files of a library and of a clinic's profile, by their full paths, each with the SHA-256 of what it holds.

    `texts` are the folders of topics among them.
    """

    texts: tuple[str, ...]
    digests: dict[str, str] = field(repr=False)

    @property
    def digest(self) -> str:
        """That of all files, with their names."""
        return address(*(part for one in sorted(self.digests.items()) for part in one))

    def of(self, folders: Iterable[Path]) -> str:
        """The digest of the files below some folders of topics, and of those that belong to no topic."""
        own, others = (tuple(f"{Path(one).absolute()}{os.sep}" for one in some) for some in (folders, self.texts))
        meant = (one for one in sorted(self.digests.items()) if one[0].startswith(own) or not one[0].startswith(others))
        return address(*(part for one in meant for part in one))


def content(texts: Iterable[Path], files: Iterable[Path]) -> Content | None:
    """What some folders of topics and some single files hold now; None when it cannot be told, or is too much.

    Of a link in a topic that leads out of it, only that it does: nobody reads what lies there.
    """
    folders = tuple(dict.fromkeys(str(one.absolute()) for one in texts))
    try:
        digests = {file: _in_topic(file) for one in folders for file in files_of(one, content=True)}
        return Content(folders, digests | {str(one.absolute()): _digest(str(one.absolute())) for one in files})
    except (OSError, OverflowError):
        return None


def signature(handouts: Path, clinic: Path) -> str:
    """What tells whether anything of the content has changed: names, sizes and times of all its files."""
    found: dict[str, tuple[int, int]] = {}
    _look_into(str(handouts), found)
    for name in ("brand", "kinds"):
        _look_into(str(clinic.parent / name), found)
    _look_into(str(clinic.parent), found, deeper=False)  # the profile, its notice, its jurisdiction, a logo
    told = "".join(f"{path}\0{size}\0{changed}\0" for path, (size, changed) in sorted(found.items()))
    return address(told)[:32]


def _look_into(folder: str, found: dict[str, tuple[int, int]], *, deeper: bool = True) -> None:
    """Notes the files of a folder, their sizes and times; hidden ones are none of ours."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for one in entries:
        if one.name.startswith("."):
            continue
        with suppress(OSError):  # taken away meanwhile
            if one.is_file():
                state = one.stat()
                found[one.path] = state.st_size, state.st_mtime_ns
            elif deeper and one.is_dir(follow_symlinks=False):
                _look_into(one.path, found)


@lru_cache(maxsize=1)
def program() -> str:
    """What makes documents: our own sources with templates and fonts, and the packages that it is pinned to."""
    parts: list[str | bytes] = []
    for folder in SOURCES:
        parts += [part for file in files_of(folder) for part in (os.path.relpath(file, ROOT), Path(file).read_bytes())]
    return address(*parts, *versions_of(packages()))


def versions_of(packages: Iterable[str]) -> list[str]:
    """Name and version of packages that are there, as the folders tell that were made when they were installed.

    Asking `importlib.metadata` takes ten times as long.
    """
    found: dict[str, str] = {}
    for place in sys.path:
        if place.endswith("-packages") and Path(place).is_dir():
            for folder in Path(place).glob("*.dist-info"):
                package, _, number = folder.name.removesuffix(".dist-info").partition("-")
                found.setdefault(_plain(package), number)
    return [f"{package} {found[package]}" for package in packages if package in found]


def packages() -> list[str]:
    """The packages that the product is pinned to, those with further letters among them."""
    there = [file for file in PINNED if file.is_file()]
    return [_plain(one) for file in there for one in _PIN.findall(file.read_text(encoding="utf-8"))]


def _plain(name: str) -> str:
    """A package's name as PyPI compares it. Source: PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def files_of(path: str, *, content: bool = False) -> list[str]:
    """A file, or all files below a folder, also behind links. Python's own copies of the program do not count.

    `content`: below a folder of topics. There a link that leads out of its topic is listed and not followed, but for
    that of a text: nobody reads what lies behind others. Raises `OSError`, and `OverflowError` for too many.
    """
    if not Path(path).is_dir():
        return [path] if Path(path).is_file() else []
    found: list[str] = []
    waiting = [(path, "")]
    while waiting:
        folder, topic = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if content and topic and entry.is_symlink() and not _is_followed(entry.path, topic):
                    found.append(entry.path)
                elif entry.is_dir():
                    waiting += [(entry.path, topic or entry.path)] if entry.name != "__pycache__" else []
                elif entry.is_file():
                    found.append(entry.path)
        if len(found) + len(waiting) > MOST_FILES:
            raise OverflowError
    return sorted(found)


def _is_followed(link: str, topic: str) -> bool:
    """Whether a link in a topic is that of a text, or leads to something in the same topic."""
    there = Path(link)
    return link.endswith(TEXTS) or (there.exists() and there.resolve().is_relative_to(Path(topic).resolve()))


def _in_topic(file: str) -> str:
    """What tells whether a file of a topic is the same. What a link leads to is a file of its own, or nobody's."""
    link = Path(file).is_symlink() and not file.endswith(TEXTS)
    return f"link to {Path(file).readlink()}" if link else _digest(file)


def _digest(file: str) -> str:
    data = read_file(file, MOST_BYTES)
    if len(data) > MOST_BYTES:
        raise OverflowError
    return sha256(data).hexdigest()
