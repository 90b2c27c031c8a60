"""HTML becomes a PDF (the only door to WeasyPrint).

Three locks: a page can use the files that were handed over with it and nothing else; the machine's fonts are shut out;
and whatever WeasyPrint logs is an error, because it logs and goes on where a picture or a glyph is missing.
"""

import ctypes.util
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

from clinicpress.clinics import Asset
from clinicpress.errors import InputError, RenderError

MACHINE_WITHOUT_FONTS = Path(__file__).parents[2] / "fonts" / "none.conf"
NO_FONTS_WARNING = "No fonts configured"  # WeasyPrint's complaint about what we want


@lru_cache(maxsize=1)
def _weasyprint() -> Any:
    """WeasyPrint's document class, loaded once, on first use: it takes most of the time of a small job."""
    os.environ["FONTCONFIG_FILE"] = str(MACHINE_WITHOUT_FONTS)  # two machines print the same page
    # Without Pango WeasyPrint prints its own advice; ours follows.
    with _quick_library_lookup(), warnings.catch_warnings(), redirect_stdout(StringIO()):
        warnings.filterwarnings("ignore", message=NO_FONTS_WARNING)
        try:
            from weasyprint import HTML  # noqa: PLC0415
        except OSError as error:
            message = (
                f"The text engine (Pango) cannot be loaded: {error}. 'python generate.py doctor' says how to get it."
            )
            raise InputError(message) from error
    return HTML


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
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class Fetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            asset = assets.get(url)
            if asset is None:
                raise ValueError(f"the page asks for {url}, which does not belong to it")
            return URLFetcherResponse(url, asset.data, {"Content-Type": asset.media_type})

    return Fetcher(allowed_protocols=["data"], allow_redirects=False)


def render(html: str, assets: Mapping[str, Asset]) -> tuple[bytes, int]:
    """The PDF of a page, tagged but not yet conforming, and how many pages it has.

    Raises `RenderError` with every line that WeasyPrint logged, `InputError` when WeasyPrint cannot be loaded.
    """
    if not any(asset.media_type.startswith("font/") for asset in assets.values()):
        raise RenderError(
            "The page brings no font. This is a fault of the program: please report it."
        )  # Pango would crash
    document_class = _weasyprint()
    with _listening() as lines, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=NO_FONTS_WARNING)
        document = document_class(string=html, url_fetcher=_fetcher(assets), base_url="asset:").render()
        pdf: bytes = document.write_pdf(pdf_tags=True, pdf_version="1.7", output_intent="srgb")
        pages = len(document.pages)
    if lines:
        raise RenderError(
            "The page was not rendered cleanly:\n" + "\n".join(f"  {line}" for line in dict.fromkeys(lines))
        )
    return pdf, pages
