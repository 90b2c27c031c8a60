"""Pages that somebody may be led back to: those of the desk that are only looked at, and no address from elsewhere."""

import re

LIBRARY, PREPARE, SIGN_IN = "/", "/prepare", "/sign-in"
_PAGES = re.compile(
    r"/|/sign-in|/prepare(/[^/]+)?|/today(/[^/]+/\d+/by-hand)?|/packets/[^/]+(/prints/\d+)?|/editor(/[^/]+){3}|/editor",
    re.ASCII,
)


def page_of(path: str) -> str:
    """The page that an address belongs to: itself, else what it stands under (`/packets/x/print`: `/packets/x`)."""
    while path and not _PAGES.fullmatch(path):
        path = path.rpartition("/")[0]
    return path or LIBRARY


def fills_in(path: str) -> bool:
    """Whether the form of Prepare stands on a page."""
    return page_of(path).startswith(PREPARE) or path.endswith("/by-hand")
