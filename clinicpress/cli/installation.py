"""What belongs to this installation of the product and to no clinic's content: its secret key."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from clinicpress.errors import InputError

STATE_SETTING = "CLINICPRESS_STATE"
KEY_SIZE = 32  # bytes


def secret_key() -> bytes:
    """The key that names of documents are made with, so that nobody else can tell whom a name stands for.

    It is made on first use, and lies in the folder CLINICPRESS_STATE, else where the system keeps what programs
    remember (~/.local/share/clinicpress). Raises `InputError`.
    """
    home = os.path.expanduser("~")  # noqa: PTH111  Path.home() fails where nobody has a home
    usual = Path(os.environ.get("XDG_DATA_HOME", "") or f"{home}/.local/share", "clinicpress")
    path = Path(os.environ.get(STATE_SETTING, "") or usual) / "key"
    try:
        with suppress(FileNotFoundError):
            return path.read_bytes()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_name(f".key.{os.getpid()}.tmp")
        unfinished.unlink(missing_ok=True)
        with open(unfinished, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_bytes(KEY_SIZE))
        with suppress(FileExistsError):  # another process was quicker: its key counts
            os.link(unfinished, path)
        unfinished.unlink()
        return path.read_bytes()
    except OSError as error:
        message = f"The key {path} cannot be kept: {error.strerror}. Set {STATE_SETTING} to a folder that is yours."
        raise InputError(message) from error
