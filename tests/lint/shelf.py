"""A small shelf of content for tests: one topic with a handout and a consent form, and a clinic's profile."""

import gc
import os
import resource
import shutil
import signal
import subprocess
import sys
import traceback
import warnings
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryDirectory, TemporaryFile

from clinicpress import cli, destinations, library, lint, pdf, press
from clinicpress.cli import main
from clinicpress.press.shelf import Shelf as Content
from clinicpress.press.shelf import take_stock

ROOT = Path(__file__).parents[2]
EXAMPLES = Path(__file__).parent
TODAY = "2026-12-01"  # the day that all examples take it to be


_fonts = cache(library.read_fonts)
_fonts(ROOT / "fonts")  # so that every fork has them


@dataclass(frozen=True)
class Shelf:
    """A folder with `ear-rinse/handout.en.md`, `ear-rinse/consent.en.md`, `clinic.toml` and its logo."""

    folder: Path

    @property
    def handout(self) -> Path:
        """The handout of the only topic."""
        return self.folder / "ear-rinse" / "handout.en.md"

    @property
    def consent(self) -> Path:
        """The consent form of the only topic."""
        return self.folder / "ear-rinse" / "consent.en.md"

    @property
    def clinic(self) -> Path:
        """The clinic's profile."""
        return self.folder / "clinic.toml"

    @property
    def options(self) -> list[str]:
        """What a command needs to work on this shelf."""
        return ["--handouts", str(self.folder), "--clinic", str(self.clinic), "--today", TODAY]


def stock(folder: Path) -> Shelf:
    """Puts the shelf into a folder. There is nothing wrong with it."""
    shutil.copytree(EXAMPLES / "S23" / "good", folder, dirs_exist_ok=True)
    shutil.copytree(EXAMPLES / "B01" / "good", folder, dirs_exist_ok=True)
    return Shelf(folder)


def _load() -> None:
    """Loads what commands load when they first need it, and reads and checks a shelf: else every fork would.

    But for the engine, which shuts out the machine's fonts: other programs that tests start need these.
    """
    for package in (cli, destinations, library, lint, pdf, press):
        for one in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(one.name)
    for name in ("babel.dates", "cssselect2", "fontTools.subset", "PIL.ImageCms", "PIL.ImageOps", "pydyf", "tinyhtml5"):
        import_module(name)
    with TemporaryDirectory() as folder:
        one = stock(Path(folder))
        take_stock(Content(one.folder, one.clinic, date.fromisoformat(TODAY)), ())


def change(file: Path, *changes: tuple[str, str]) -> None:
    """Replaces words of a file, each once; a test that changes nothing would prove nothing."""
    text = file.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text, f"{file.name} does not hold {before!r}"
        text = text.replace(before, after, 1)
    file.write_text(text, encoding="utf-8")


def generate(*arguments: str, cwd: Path = ROOT, **environment: str) -> "subprocess.CompletedProcess[str]":
    """`python generate.py …` as a person starts it: in its own process, with nobody at the keyboard."""
    return subprocess.run(
        [sys.executable, str(ROOT / "generate.py"), *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


_load()


def forked(*arguments: str, seconds: int = 0) -> "subprocess.CompletedProcess[str]":
    """One command line in a process of its own, which starts with everything loaded: ten times as fast as `generate`.

    What it says goes through real files, its exit code through the system. With `seconds`, the system ends it when it
    takes so many of the processor, or three times as many of the clock: its exit code is the signal then, below 0.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    # veraPDF's Java lives in this process and not in a child of it: to collect its objects there would wait for ever.
    gc.disable()
    with (
        TemporaryFile("w+", encoding="utf-8") as said,
        TemporaryFile("w+", encoding="utf-8", errors="backslashreplace") as told,  # as the interpreter's
    ):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                if seconds:
                    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
                    signal.signal(signal.SIGALRM, signal.SIG_DFL)
                    signal.alarm(3 * seconds)
                os.dup2(said.fileno(), 1)
                os.dup2(told.fileno(), 2)
                sys.stdout, sys.stderr = said, told
                warnings.resetwarnings()
                warnings.simplefilter("error")  # a fresh process would show it, in words for programmers
                for unseen in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
                    warnings.simplefilter("ignore", unseen)
                library.read_fonts = _fonts
                code = main(arguments)
            except BaseException:  # noqa: BLE001  as the interpreter does it
                traceback.print_exc()
            finally:
                said.flush()
                told.flush()
                os._exit(code)
        gc.enable()
        _, status = os.waitpid(child, 0)
        said.seek(0)
        told.seek(0)
        code = os.waitstatus_to_exitcode(status)
        return subprocess.CompletedProcess(list(arguments), code, said.read(), told.read())
