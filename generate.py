"""The door of clinicpress. `python generate.py` prints the library; `python generate.py --help` names the rest."""

import sys

from clinicpress.interrupts import stoppable

if __name__ == "__main__":
    # Loaded by name and late: loading takes most of a second, and Ctrl-C shall be heard meanwhile.
    sys.exit(stoppable(lambda: __import__("clinicpress.cli", fromlist=["main"]).main()))
