"""HTML becomes a PDF (the only door to WeasyPrint).

Three locks: a page can use the files that were handed over with it and nothing else; the machine's fonts are shut out;
and whatever WeasyPrint logs is an error, because it logs and goes on where a picture or a glyph is missing.
"""

import ctypes.util
import logging
import os
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import lru_cache
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clinicpress.documents.blocks import Asset
from clinicpress.errors import InputError, RenderError, SettingError
from clinicpress.fingerprint import versions_of
from clinicpress.pdf import child
from clinicpress.pdf.pages import PIXEL, Pages, numbered

MACHINE_WITHOUT_FONTS = Path(__file__).parents[2] / "fonts" / "none.conf"
NO_FONTS_WARNING = "No fonts configured"  # WeasyPrint's complaint about what we want
OPTIONS: Mapping[str, Any] = MappingProxyType({"pdf_tags": True, "pdf_version": "1.7", "output_intent": "srgb"})
PACKAGES = ("weasyprint", "pydyf", "tinyhtml5", "tinycss2", "cssselect2", "fonttools", "pillow", "pyphen", "cffi")
# What the machine brings, by a name that it is loaded by and a function in it.
LIBRARIES = {
    "libpango-1.0.so.0": "pango_version",
    "libpangoft2-1.0.so.0": "pango_ft2_font_map_new",
    "libharfbuzz.so.0": "hb_version",
    "libharfbuzz-subset.so.0": "hb_subset_input_create_or_fail",
    "libfontconfig.so.1": "FcGetVersion",
    "libfreetype.so.6": "FT_Library_Version",
    "libfribidi.so.0": "fribidi_version_info",
}


@lru_cache(maxsize=1)
def _weasyprint() -> Any:
    """WeasyPrint's document class and how it fetches files, loaded on first use: most of the time of a small job."""
    os.environ["FONTCONFIG_FILE"] = str(MACHINE_WITHOUT_FONTS)  # two machines print the same page
    # Without Pango WeasyPrint prints its own advice; ours follows.
    with _quick_library_lookup(), warnings.catch_warnings(), redirect_stdout(StringIO()):
        warnings.filterwarnings("ignore", message=NO_FONTS_WARNING)
        try:
            from weasyprint import HTML, urls  # noqa: PLC0415
        except OSError as error:
            message = (
                f"The text engine (Pango) cannot be loaded: {error}. 'python generate.py doctor' says how to get it."
            )
            raise InputError(message) from error
    return HTML, urls


@contextmanager
def _quick_library_lookup() -> Iterator[None]:
    """Skips a search that costs a third of a second at start-up on Linux.

    WeasyPrint tries several names for each library. For a name that is not there, cffi asks `ctypes.util.find_library`,
    which starts a compiler and a linker; the last name, such as libpango-1.0.so.0, needs no search. On other systems
    the search is needed.
    """
    search = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = _found_nothing
    try:
        yield
    finally:
        ctypes.util.find_library = search


def _found_nothing(name: str) -> str | None:  # noqa: ARG001  stands in for ctypes.util.find_library
    return None


class _Place(ctypes.Structure):
    """Where a function of a library lies (`Dl_info` of dladdr(3))."""

    _fields_ = (
        ("file", ctypes.c_char_p),
        ("start", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("at", ctypes.c_void_p),
    )


@lru_cache(maxsize=1)
def libraries() -> tuple[Path, ...]:
    """The files of the libraries that text is set with, as this machine loads them; none when they cannot be told.

    The machine is asked which files it takes, since it may have several. That costs a few milliseconds.
    """
    if sys.platform != "linux":  # other systems name them otherwise, and nobody has tried
        return ()
    found = []
    place = _Place()
    try:
        tell = ctypes.CDLL(None).dladdr
        for library, function in LIBRARIES.items():
            if not tell(ctypes.cast(getattr(ctypes.CDLL(library), function), ctypes.c_void_p), ctypes.byref(place)):
                return ()
            found.append(Path(os.fsdecode(place.file)).resolve())
    except (OSError, AttributeError):
        return ()
    return tuple(found)


@lru_cache(maxsize=1)
def engine() -> tuple[str, ...]:
    """Everything beside a page that its PDF depends on; empty when it cannot be told. WeasyPrint is not loaded.

    Libraries count by their place, size and day: a distribution mends a fault without another number of version.
    """
    files = [(path, path.stat()) for path in libraries()]
    if not files:
        return ()
    packages = versions_of(PACKAGES)
    if len(packages) < len(PACKAGES):
        return ()
    machine = [f"{path} {facts.st_size} {facts.st_mtime_ns}" for path, facts in files]
    fonts = MACHINE_WITHOUT_FONTS.read_text(encoding="utf-8")
    return (repr(dict(OPTIONS)), sys.version, zlib.ZLIB_RUNTIME_VERSION, fonts, *packages, *machine)


class _Listener(logging.Handler):
    """Keeps every line that WeasyPrint logs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Collects what is logged while a document is rendered, and keeps it from the terminal."""
    listener = _Listener()
    loggers = [logging.getLogger(name) for name in ("weasyprint", "fontTools")]
    before = [(logger.handlers[:], logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.handlers, logger.propagate = [listener], False
    try:
        yield listener.lines
    finally:
        for logger, (handlers, propagate) in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = handlers, propagate


def _fetcher(assets: Mapping[str, Asset]) -> Any:
    """Hands out the files of one page by their `asset:` addresses. There is no way from here to a disk or a network."""
    _, urls = _weasyprint()

    class Fetcher(urls.URLFetcher):  # type: ignore[misc,name-defined]
        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            asset = assets.get(url)
            if asset is None:
                raise ValueError(f"the page asks for {url}, which does not belong to it")
            return urls.URLFetcherResponse(url, asset.data, {"Content-Type": asset.media_type})

    return Fetcher(allowed_protocols=["data"], allow_redirects=False)


def _nothing() -> None:
    """There is nothing to do meanwhile."""


def render(html: str, assets: Mapping[str, Asset], meanwhile: Callable[[], object] = _nothing) -> Pages:
    """A page of HTML in pages of paper.

    It is set in the process beside this one when there is one (`child`), and in this one otherwise; the bytes
    are the same. Where there is one, this one does `meanwhile`. Raises `RenderError` with every line that WeasyPrint
    logged, or when setting the page breaks a limit; `InputError` when WeasyPrint cannot be loaded.
    """
    if not any(asset.media_type.startswith("font/") for asset in assets.values()):
        raise RenderError(
            "The page brings no font. This is a fault of the program: please report it."
        )  # Pango would crash
    if not child.beside:
        return _set(html, assets)
    try:
        if not _was_foreseen(html, assets):
            child.beside[0].ask(html, assets)
        meanwhile()
        word, *said = child.beside[0].answer()
    except child.Gone as error:
        child.beside.pop().end()
        raise RenderError(
            f"The page could not be set: {error} Run it again, or see 'python generate.py doctor'."
        ) from error
    if word == child.MADE:
        return Pages(*said)
    if word == child.REFUSED:
        raise {one.__name__: one for one in (InputError, RenderError, SettingError)}[said[0]](said[1])
    return _set(html, assets)  # a bug: here it keeps its traceback


_foreseen: list[tuple[str, Mapping[str, Asset]]] = []
"""The page that was sent ahead, while its answer is awaited."""


def foresee(html: str, assets: Mapping[str, Asset]) -> None:
    """Sends a page ahead that is very likely to be asked for next. Without a process beside, nothing happens."""
    if child.beside and not _foreseen:
        try:
            child.beside[0].ask(html, assets)
        except child.Gone:
            return  # whoever asks for a page is told
        _foreseen.append((html, assets))


def _was_foreseen(html: str, assets: Mapping[str, Asset]) -> bool:
    """Whether this page was sent ahead; the answer to another one is dropped. Raises `child.Gone`."""
    if not _foreseen:
        return False
    if _foreseen.pop() == (html, assets):
        return True
    child.beside[0].answer()
    return False


def ready() -> Callable[[str, Mapping[str, Asset]], Pages]:
    """Loads WeasyPrint, and returns what sets a page in this process."""
    _weasyprint()
    return _set


def _set(html: str, assets: Mapping[str, Asset]) -> Pages:
    """Sets a page in this process."""
    document_class, _ = _weasyprint()
    with _listening() as lines, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=NO_FONTS_WARNING)
        try:
            document = document_class(string=numbered(html), url_fetcher=_fetcher(assets), base_url="asset:").render()
            pdf: bytes = document.write_pdf(**OPTIONS)
        except (AssertionError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
            # It fails at some pages that are right, such as many groups of rows at a page end; another setting may do.
            raise SettingError(
                f"The text engine cannot set this page ({type(error).__name__}). Take out what was added last, a table "
                "or a picture perhaps, to find the place, and please report it."
            ) from error
        places = tuple(
            {name: tuple(round(edge * PIXEL, 3) for edge in edges) for name, edges in page.anchors.items()}
            for page in document.pages
        )
    if lines:
        raise RenderError(
            "The page was not rendered cleanly:\n" + "\n".join(f"  {line}" for line in dict.fromkeys(lines))
        )
    return Pages(pdf, places)
