"""The yardstick: ReportLab alone, on the same form, untagged.

python -m bench.bare_reportlab form.pickle fonts out.pdf
"""

import pickle
import sys
from pathlib import Path

from bench.in_reportlab import Press

_, SOURCE, FONTS, OUT = sys.argv
form, pages = pickle.loads(Path(SOURCE).read_bytes())  # noqa: S301  written by render.py a moment ago
Path(OUT).write_bytes(Press(form, Path(FONTS), pages).make({}))
