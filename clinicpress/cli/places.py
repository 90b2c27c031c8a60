"""Where the product lies, and where it keeps what is finished. Loaded at every start, so it brings nothing along."""

import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
CACHE_SETTING = "CLINICPRESS_CACHE"
STATE_SETTING = "CLINICPRESS_STATE"
KEY_SIZE = 32  # bytes of a key of this installation
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


def state_folder() -> str:
    """Where lies what belongs to this installation, and to no clinic's content. The folder need not be there yet.

    CLINICPRESS_STATE names it, else it is ~/.local/share/clinicpress, where the system keeps what programs remember.
    """
    usual = os.environ.get("XDG_DATA_HOME", "") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.environ.get(STATE_SETTING, "") or os.path.join(usual, "clinicpress")


def cache_key() -> str:
    """The file with the key of the cache. It lies apart, so that what was copied with its folder is not believed."""
    return os.path.join(state_folder(), "cache.key")
