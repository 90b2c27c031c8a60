"""Starts Python where modules cannot be loaded, as on a machine that lacks them: so a test sees what is not needed."""

import sys

BLOCKER = """
import sys
names = sys.argv.pop(1).split(",")
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in names or name in names:
            raise ImportError(f"{name} was to stay out")
sys.meta_path.insert(0, Missing())
"""
COMMAND_LINE = "from clinicpress.cli import main\nsys.exit(main(sys.argv[1:]))\n"


def without(names: str, program: str = COMMAND_LINE) -> list[str]:
    """The beginning of a command that runs a program without some modules, which are named with commas between."""
    return [sys.executable, "-c", BLOCKER + program, names]
