"""Reads rosters: the list of a day's appointments, as CSV, Excel workbook or JSON lines, strictly and row by row."""
