"""Makes the pinned requirement files again: run it as `make pins`.

Each file is its own source. Its upper part is written by hand: what we chose, with the reason above it. To add, raise
or drop a package, change that part (without hashes) and run `make pins`: this script asks uv for what those packages
need, and writes the file again with a hash for every wheel, so that it installs on Linux, macOS and Windows alike.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
RUNTIME, DEVELOPMENT = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
CLUSTER = ROOT / "requirements-cluster.txt"
MORE_FONTS = ROOT / "fonts" / "requirements.txt"
COMPARISON = ROOT / "bench" / "requirements.txt"
LEARNING = ROOT / "tools" / "requirements.txt"
OLDEST_PYTHON = "3.11"
LOWER_PART = "# Below: what the packages above need. Written by `make pins`; not for editing."


class Pin(NamedTuple):
    """One package as uv resolved it: its requirement with any condition, its hashes, and which packages ask for it."""

    requirement: str
    hashes: list[str]
    needed_by: str


def canonical(requirement: str) -> str:
    """The name that package indexes use for a requirement: `Jinja2==3.1.6` is jinja2. Source: PEP 503."""
    name = re.split(r"[=\s;\[]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def chosen_lines(path: Path) -> list[str]:
    """The part of a requirement file that is written by hand, without its hashes."""
    upper = path.read_text(encoding="utf-8").split(LOWER_PART)[0].rstrip()
    return [line.removesuffix("\\").rstrip() for line in upper.splitlines() if not line.startswith("    --hash")]


def is_requirement(line: str) -> bool:
    """Whether a line names a package; the others are comments, empty lines and `-r`."""
    return bool(line) and not line.startswith(("#", "-"))


def resolve(requirements: list[str]) -> dict[str, Pin]:
    """Asks uv what a list of requirements needs on every platform that we support."""
    command = ["uv", "pip", "compile", "-", "--quiet", "--universal", "--python-version", OLDEST_PYTHON]
    command += ["--generate-hashes", "--annotation-style=line", "--no-header", "--no-emit-index-url"]
    answer = subprocess.run(
        [sys.executable, "-m", *command], input="\n".join(requirements), capture_output=True, text=True, check=False
    )
    if answer.returncode:
        sys.exit(answer.stderr)
    pins = {}
    for block in re.split(r"\n(?=\S)", answer.stdout.strip()):
        requirement, *details = [line.strip().removesuffix("\\").rstrip() for line in block.splitlines()]
        hashes = [line for line in details if line.startswith("--hash=sha256:")]
        needed_by = next((line.removeprefix("# via ") for line in details if line.startswith("# via ")), "")
        pins[canonical(requirement)] = Pin(requirement, hashes, needed_by)
    return pins


def pinned(requirement: str, hashes: list[str]) -> str:
    """A requirement and its hashes, in the form that pip reads."""
    return " \\\n    ".join([requirement, *hashes])


def write(path: Path, pins: dict[str, Pin]) -> None:
    """Writes a requirement file: the part by hand with fresh hashes, then what its packages need."""
    lines = chosen_lines(path)
    chosen = {canonical(line) for line in lines if is_requirement(line)}
    upper = [pinned(line, pins[canonical(line)].hashes) if is_requirement(line) else line for line in lines]
    lower = [
        f"# needed by {pin.needed_by}\n{pinned(pin.requirement, pin.hashes)}"
        for name, pin in pins.items()
        if name not in chosen
    ]
    path.write_text("\n".join([*upper, "", LOWER_PART, "", *lower, ""]), encoding="utf-8")


def main() -> None:
    """Pins what prints the documents; around those very versions fonts, clusters, tests, comparisons, learning."""
    pins: dict[str, Pin] = {}
    for path in (RUNTIME, MORE_FONTS, CLUSTER, DEVELOPMENT, COMPARISON, LEARNING):
        fixed = [pin.requirement for pin in pins.values()]
        found = resolve(fixed + [line for line in chosen_lines(path) if is_requirement(line)])
        write(path, {name: pin for name, pin in found.items() if name not in pins})
        pins |= found


if __name__ == "__main__":
    main()
