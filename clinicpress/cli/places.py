"""Where the product lies, and where it keeps what is finished. Loaded at every start, so it brings little along."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE_SETTING = "CLINICPRESS_CACHE"
OFF = "off"


def usual_cache() -> Path | None:
    """The folder for finished things when no option names one; None when nothing shall be kept."""
    named = os.environ.get(CACHE_SETTING, "")
    if named:
        return None if named == OFF else Path(named)
    home = os.path.expanduser("~")  # noqa: PTH111  Path.home() fails where nobody has a home
    for base in (os.environ.get("XDG_CACHE_HOME", ""), os.path.join(home, ".cache")):  # noqa: PTH118
        if os.path.isabs(base):  # noqa: PTH117  the XDG standard asks to pass over others
            return Path(base, "clinicpress")
    return None
