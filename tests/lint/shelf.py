"""A small shelf of content for tests: one topic with a handout and a consent form, and a clinic's profile."""

import gc
import os
import re
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


SMALL_WORDS = """
the=la and=y of=de to=a in=en is=es it=esto you=usted your=su for=para with=con are=son that=que this=este be=ser or=o
not=no we=nos will=va can=puede may=puede our=nuestra have=tiene has=ha if=si from=desde by=por on=sobre at=en as=como
do=hace does=hace when=cuando they=ellos an=un a=un any=alguna all=todo how=cómo what=qué who=quien which=cual
should=debe until=hasta after=después before=antes was=fue were=fueron been=sido there=hay than=que some=algunas
these=estos those=esos then=entonces out=fuera about=cerca us=nosotros one=uno two=dos three=tres four=cuatro five=cinco
six=seis seven=siete eight=ocho nine=nueve ten=diez twelve=doce twenty=veinte thirty=treinta never=nunca cannot=no
without=sin nothing=nada nobody=nadie home=casa call=llame questions=preguntas i=yo my=mi twice=dos half=media
once=luego"""
_SPANISH = dict(pair.split("=") for pair in SMALL_WORDS.split())
_KEPT = re.compile(r"\{[^{}]*\}(?: half)?|\]\([^()]*\)|^:::.*$|^\s*[-*] \[[^\]]*\]|^[a-z_]+:(?!:).*$", re.MULTILINE)


def as_spanish(text: str) -> str:
    """An English text with Spanish small words and numbers, marked as Spanish: nobody takes it for English.

    What is left is no sentence of any language; it has the shape of a translation. Its title is translated too.
    """
    head, body = text.replace("language: en", "language: es").split("\n---\n", 1)
    head = re.sub(r"^title: (.*)$", lambda title: f"title: {_in_spanish(title[1])}", head, flags=re.MULTILINE)
    return f"{head}\n---\n{_in_spanish(body)}"


def _in_spanish(text: str) -> str:
    def said(word: re.Match[str]) -> str:
        spanish = _SPANISH.get(word[0].lower(), word[0])
        return spanish.capitalize() if word[0][0].isupper() else spanish

    kept = [*_KEPT.finditer(text)]
    starts, ends = [0, *(one.end() for one in kept)], [*(one.start() for one in kept), len(text)]
    parts = [re.sub(r"[A-Za-z]+", said, text[start:end]) for start, end in zip(starts, ends, strict=True)]
    return "".join(part + (kept[at][0] if at < len(kept) else "") for at, part in enumerate(parts))


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
