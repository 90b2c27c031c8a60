"""Reads rosters: the list of a day's appointments, as CSV, Excel workbook or JSON lines, strictly and row by row."""

from clinicpress.library.rosters.layout import read_layout, with_options
from clinicpress.library.rosters.reading import Roster, read_roster
from clinicpress.library.rosters.refused import refused_header, refused_row, safe_cell, table_row

__all__ = [
    "Roster",
    "read_layout",
    "read_roster",
    "refused_header",
    "refused_row",
    "safe_cell",
    "table_row",
    "with_options",
]
