"""A press for clinics: content and a clinic profile go in, finished patient documents come out.

`DESIGN.md` has the map of the house: which module stands on which floor, and why.
"""

__version__ = "0.1.0"
