"""The drafts of the starter library with the passages that they ask for, for tests that take something out of one."""

import shutil
from datetime import date
from functools import cache
from pathlib import Path

from clinicpress import library
from clinicpress.errors import Problem
from clinicpress.lint import Context, check_document

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "starter"
PASSAGES = "passages"


def bring_passages(folder: Path, language: str = "en") -> None:
    """Puts the passages into a folder of texts, unless they are there; what they say stays English."""
    if (folder / PASSAGES).exists():
        return
    shutil.copytree(STARTER / PASSAGES, folder / PASSAGES)
    if language != "en":
        for path in (folder / PASSAGES).glob("*.en.md"):
            text = path.read_text(encoding="utf-8").replace("language: en", f"language: {language}")
            path.with_name(path.name.replace(".en.", f".{language}.")).write_text(text, encoding="utf-8")
            path.unlink()


@cache
def _context() -> Context:
    fonts = library.read_fonts(ROOT / "fonts")
    clinic = library.read_clinic(ROOT / "tests/lint/B01/good/clinic.toml", {face.family for face in fonts})
    return Context(date(2026, 12, 1), frozenset().union(*(face.coverage for face in fonts)), clinic=clinic)


def found_in(folder: Path) -> list[Problem]:
    """All that is found in the texts of a folder, with the passages of the starter library beside them."""
    bring_passages(folder)
    documents, problems = library.read_library(folder)
    return [*problems, *(one for document in documents for one in check_document(document, _context()))]


def with_other_words(text: str, old: str, new: str, folder: Path) -> str:
    """The text of a draft with other words; where a passage says them, they are changed in its file in the folder."""
    if old in text:
        assert text.count(old) == 1, old
        return text.replace(old, new)
    bring_passages(folder)
    (path,) = (one for one in (folder / PASSAGES).glob("*.md") if old in one.read_text(encoding="utf-8"))
    passage = path.read_text(encoding="utf-8")
    assert passage.count(old) == 1, old
    assert f"::: passage {path.name.partition('.')[0]}\n" in text, old
    path.write_text(passage.replace(old, new), encoding="utf-8")
    return text
