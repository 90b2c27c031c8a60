"""Says what this machine lacks for printing and testing, and the exact command that brings it.

Nothing is changed and nothing is fetched. Only the standard library is imported, so the examination also works where
the packages themselves are missing. It does not promise that a document will print: it looks for parts, not for faults.
"""

import ctypes
import ctypes.util
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import NamedTuple, Protocol

OLDEST_PYTHON, OLDEST_SQLITE = (3, 11), (3, 37)
FONT_SUFFIXES = (".otf", ".ttf", ".woff2")


class Need(StrEnum):
    """What a part of the machine is needed for."""

    DOCUMENTS = "making documents"
    NAMES = "names in other scripts"
    RECORD = "the front desk, the journal, and printing from here"
    TESTS = "make test"
    PRINTER = "sending documents to a printer"


class Family(StrEnum):
    """Machines that take the same commands. Windows runs the press inside WSL, which is then a Debian of its own."""

    DEBIAN = "Debian or Ubuntu"
    FEDORA = "Fedora"
    MACOS = "macOS"
    WINDOWS = "Windows"
    OTHER = "another system"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the machine: whether it is there, what was seen, what needs it, how to get it if it is lacking."""

    name: str
    ok: bool
    detail: str
    needed_for: Need
    remedy: str = ""

    @property
    def required(self) -> bool:
        """Whether no document can be made without this part."""
        return self.needed_for is Need.DOCUMENTS


class Probe(Protocol):
    """What is asked of a machine. `Machine` asks the real one; a test answers for one that lacks things."""

    def system(self) -> str:
        """The operating system's name: Linux, Darwin or Windows."""

    def kernel_release(self) -> str:
        """The kernel's release; Microsoft's name stands in it under WSL."""

    def os_release(self) -> str:
        """The text of the file os-release, or nothing where there is none."""

    def versions(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The versions of Python and of the SQLite that it uses."""

    def distribution(self, name: str) -> str | None:
        """The installed version of a Python package."""

    def loads(self, library: str) -> bool:
        """Whether a shared library of that file name loads."""

    def program(self, name: str) -> bool:
        """Whether a program of that name is found."""

    def files(self, folder: Path) -> frozenset[str]:
        """The names of the files in a folder and below it; none where the folder is missing."""

    def printers(self) -> tuple[str, ...]:
        """The print queues that CUPS knows."""


class Machine:
    """The machine that this program runs on."""

    def system(self) -> str:
        """What Python calls the operating system."""
        return platform.system()

    def kernel_release(self) -> str:
        """What `uname -r` says."""
        return platform.release()

    def os_release(self) -> str:
        """Source: freedesktop.org, os-release(5)."""
        path = Path("/etc/os-release")
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def versions(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Those that are running."""
        return sys.version_info[:2], sqlite3.sqlite_version_info[:2]

    def distribution(self, name: str) -> str | None:
        """As pip recorded it."""
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return None

    def loads(self, library: str) -> bool:
        """Loads it by file name, then by the place where the system's linker keeps it, as WeasyPrint does."""
        for name in (library, ctypes.util.find_library(library.removeprefix("lib").split(".so")[0])):
            try:
                if name is not None:
                    ctypes.CDLL(name)
                    return True
            except OSError:
                continue
        return False

    def program(self, name: str) -> bool:
        """Looks along PATH, and where the programs of administrators lie."""
        return any(shutil.which(name, path=path) for path in (None, "/usr/sbin:/sbin"))

    def files(self, folder: Path) -> frozenset[str]:
        """Reads the folder, not the files."""
        return frozenset(path.name for path in folder.rglob("*") if path.is_file())

    def printers(self) -> tuple[str, ...]:
        """What `lpstat -e` lists; none when CUPS is missing or does not answer within 5 seconds."""
        try:
            answer = subprocess.run(["lpstat", "-e"], capture_output=True, text=True, timeout=5, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return ()
        return tuple(answer.stdout.split())


class SystemPart(NamedTuple):
    """A part that a package manager brings: the file or program to look for, and its package on each family."""

    name: str
    looked_for: str
    debian: str
    fedora: str
    macos: str


# What WeasyPrint 70 loads (source: weasyprint/text/ffi.py). It would do without HarfBuzz-subset, but then it cuts fonts
# in another way, and the same order would not give the same bytes on every machine.
LIBRARIES = (
    SystemPart("Pango", "libpango-1.0.so.0", "libpango-1.0-0", "pango", "pango"),
    SystemPart("PangoFT2", "libpangoft2-1.0.so.0", "libpangoft2-1.0-0", "pango", "pango"),
    SystemPart("GObject", "libgobject-2.0.so.0", "libglib2.0-0", "glib2", "glib"),
    SystemPart("HarfBuzz", "libharfbuzz.so.0", "libharfbuzz0b", "harfbuzz", "harfbuzz"),
    SystemPart("HarfBuzz-subset", "libharfbuzz-subset.so.0", "libharfbuzz-subset0", "harfbuzz", "harfbuzz"),
    SystemPart("Fontconfig", "libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
)
TEST_PROGRAMS = (
    SystemPart("Java", "java", "default-jre-headless", "java-latest-openjdk-headless", "temurin"),
    SystemPart("Poppler", "pdftoppm", "poppler-utils", "poppler-utils", "poppler"),
    SystemPart("MuPDF", "mutool", "mupdf-tools", "mupdf", "mupdf-tools"),
    SystemPart("Ghostscript", "gs", "ghostscript", "ghostscript", "ghostscript"),
    SystemPart("qpdf", "qpdf", "qpdf", "qpdf", "qpdf"),
    SystemPart("Chromium", "chromium", "chromium", "chromium", "chromium"),
    SystemPart("CUPS server", "cupsd", "cups", "cups", "cups"),
    SystemPart("Printer simulator", "ippeveprinter", "cups-ipp-utils", "cups-printerapp", "cups"),
)
PYTHON = SystemPart("Python", "", "python3 python3-venv", "python3", "python")
CUPS = SystemPart("Printer", "lpstat", "cups", "cups", "cups")

# Where Debian keeps Java libraries (source: Debian policy for Java, section 2.4), and the two that veraPDF asks for.
JAVA_FOLDER = Path("/usr/share/java")
JAXB_JARS = frozenset({"jaxb-api.jar", "jaxb-runtime.jar"})


def family_of(probe: Probe) -> Family:
    """Which family of commands a machine takes. Descendants count: Ubuntu, and a Debian under WSL, are Debians."""
    match probe.system():
        case "Darwin":
            return Family.MACOS
        case "Windows":
            return Family.WINDOWS
    described = re.findall(r"^(?:ID|ID_LIKE)=(.*)", probe.os_release(), re.MULTILINE)
    words = set(" ".join(described).replace('"', "").split())
    if words & {"debian", "ubuntu"}:
        return Family.DEBIAN
    if words & {"fedora", "rhel"}:
        return Family.FEDORA
    return Family.OTHER


def examine(probe: Probe, requirements: Path, fonts: Path) -> tuple[Finding, ...]:
    """Looks for every part that the press uses, in the order in which a person would install them.

    `requirements` is the file of pinned packages, `fonts` the folder of our fonts. Each finding that is not `ok` has a
    remedy. Raises OSError when the requirement file cannot be read.
    """
    family = family_of(probe)
    return (
        _system(probe, family),
        *_python(probe, family),
        *(_part(part, probe.loads(part.looked_for), Need.DOCUMENTS, family) for part in LIBRARIES),
        _python_packages(probe, requirements.read_text(encoding="utf-8")),
        _fonts(probe, fonts),
        _more_fonts(probe, fonts),
        *(_part(part, probe.program(part.looked_for), Need.TESTS, family) for part in TEST_PROGRAMS),
        _jaxb(probe, family),
        _printer(probe, family),
    )


def _finding(name: str, ok: bool, detail: str, needed_for: Need, remedy: str) -> Finding:
    """A remedy is for what is lacking; a part that is there needs none."""
    return Finding(name, ok, detail, needed_for, "" if ok else remedy)


def _install(part: SystemPart, family: Family) -> str:
    """The command that brings a part, as it is typed on this family of machines."""
    match family:
        case Family.DEBIAN:
            return f"sudo apt-get update && sudo apt-get install --no-install-recommends {part.debian}"
        case Family.FEDORA:
            return f"sudo dnf install {part.fedora}"
        case Family.MACOS:
            return f"brew install {part.macos}"
        case Family.WINDOWS:
            return "inside WSL: " + _install(part, Family.DEBIAN)
        case Family.OTHER:
            return f"with this system's package manager, install {part.name} (Debian calls it {part.debian})"


def _part(part: SystemPart, ok: bool, needed_for: Need, family: Family) -> Finding:
    detail = f"{part.looked_for} {'found' if ok else 'not found'}"
    return _finding(part.name, ok, detail, needed_for, _install(part, family))


def _system(probe: Probe, family: Family) -> Finding:
    pretty = re.search(r'^PRETTY_NAME="?([^"\n]+)', probe.os_release(), re.MULTILINE)
    detail = pretty[1] if pretty else family.value
    if "microsoft" in probe.kernel_release().lower():
        detail += ", under WSL"
    remedy = "wsl --install -d Debian (in a Windows terminal; then work inside Debian, in a fresh clone)"
    return _finding("System", family is not Family.WINDOWS, detail, Need.DOCUMENTS, remedy)


def _python(probe: Probe, family: Family) -> tuple[Finding, Finding]:
    """Python, and the SQLite that it uses."""

    def of(name: str, seen: tuple[int, int], oldest: tuple[int, int], need: Need) -> Finding:
        least, version = (".".join(map(str, one)) for one in (oldest, seen))
        remedy = f"{_install(PYTHON, family)} ({name} must be {least} or newer: Debian 12, Ubuntu 24.04)"
        return _finding(name, seen >= oldest, f"version {version}", need, remedy)

    python, sqlite = probe.versions()
    return of("Python", python, OLDEST_PYTHON, Need.DOCUMENTS), of("SQLite", sqlite, OLDEST_SQLITE, Need.RECORD)


def _python_packages(probe: Probe, requirements: str) -> Finding:
    """Compares what is installed with the pins. A pin with a condition (`; …`) may be absent, but not differ."""
    pins = re.findall(r"^([\w.-]+)==([^\s;\\]+)[ \t]*(;?)", requirements, re.MULTILINE)
    faults = []
    for name, pinned, condition in pins:
        installed = probe.distribution(name)
        if installed is None and not condition:
            faults.append(f"{name} is missing")
        elif installed not in (None, pinned):
            faults.append(f"{name} is {installed}, not {pinned}")
    # No pins at all is a wrong file, not a sound machine.
    ok = bool(pins) and not faults
    detail = "; ".join(faults) or f"{len(pins)} packages pinned, none differs"
    return _finding("Python packages", ok, detail, Need.DOCUMENTS, "make, and start the press with .venv/bin/python")


def _fonts(probe: Probe, folder: Path) -> Finding:
    found = [name for name in probe.files(folder) if name.lower().endswith(FONT_SUFFIXES)]
    detail = f"{len(found)} font files in {folder.name}/"
    return _finding("Fonts", bool(found), detail, Need.DOCUMENTS, f"git checkout -- {folder.name}")


def _more_fonts(probe: Probe, folder: Path) -> Finding:
    """The typefaces that names in other scripts are set in; without them such a name is refused."""
    listing = folder / "requirements.txt"
    text = listing.read_text(encoding="utf-8") if listing.is_file() else ""
    lacking = [name for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE) if probe.distribution(name) is None]
    detail = f"not installed: {', '.join(lacking)}" if lacking else "all installed"
    return _finding("Fonts of other scripts", not lacking, detail, Need.NAMES, "make more-fonts")


def _jaxb(probe: Probe, family: Family) -> Finding:
    """The PDF/A and PDF/UA validator needs JAXB, which Java left out with version 11."""
    lacking = JAXB_JARS - probe.files(JAVA_FOLDER)
    detail = f"{', '.join(sorted(lacking or JAXB_JARS))} {'not found' if lacking else 'found'}"
    jaxb = SystemPart("JAXB", "", "libjaxb-java", "", "")
    packaged = family in (Family.DEBIAN, Family.WINDOWS)
    remedy = (
        _install(jaxb, family) if packaged else "run make test on Debian, or in a Debian container: its JAXB is used"
    )
    return _finding("JAXB", not lacking, detail, Need.TESTS, remedy)


def _printer(probe: Probe, family: Family) -> Finding:
    if not probe.program(CUPS.looked_for):
        return _part(CUPS, False, Need.PRINTER, family)
    queues = probe.printers()
    start = "sudo launchctl start org.cups.cupsd" if family is Family.MACOS else "sudo systemctl start cups"
    add = "sudo lpadmin -p NAME -E -v ipp://ADDRESS/ipp/print -m everywhere (a name of yours, the printer's address)"
    remedy = f"{start} (if 'lpstat -r' says that it is not running), then {add}"
    return _finding("Printer", bool(queues), ", ".join(queues) or "no print queue", Need.PRINTER, remedy)
