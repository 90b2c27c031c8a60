"""The door of clinicpress. `python generate.py` prints the library; `python generate.py --help` names the rest."""

import sys

from clinicpress.cli import main

if __name__ == "__main__":
    sys.exit(main())
