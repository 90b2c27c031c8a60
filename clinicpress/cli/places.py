"""Where the product lies, and where it keeps what is finished. Loaded at every start, so it brings nothing along."""

import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
CACHE_SETTING = "CLINICPRESS_CACHE"
OFF = "off"


def usual_cache() -> str | None:
    """The folder for finished things when no option names one; None when nothing shall be kept."""
    named = os.environ.get(CACHE_SETTING, "")
    if named:
        return None if named == OFF else named
    for base in (os.environ.get("XDG_CACHE_HOME", ""), os.path.join(os.path.expanduser("~"), ".cache")):
        if os.path.isabs(base):  # the XDG standard asks to pass over others
            return os.path.join(base, "clinicpress")
    return None
