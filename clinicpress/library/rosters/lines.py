"""One row of a roster as its file has it, before anybody asks what it means."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from clinicpress.visits import LONGEST

MAX_CELL = LONGEST  # characters: a cell holds one fact at most
MAX_COLUMNS = 200
MAX_RECORD = 400_000  # characters of one row: as many as that many cells may hold


class CellContent(StrEnum):
    """What a cell holds that is not plain text; the value is how a finding says it."""

    FORMULA = "a formula, whose result may be old"
    ERROR = "an error of the spreadsheet"
    NUMBER = "a number"
    FRACTION = "a number that is not whole"
    LONG_NUMBER = "a number of more than 15 digits, of which a spreadsheet forgets the last"
    SHAPED = "a number that the sheet shows in a form of its own"
    DAY = "a date"
    NO_DAY = "a date that is none"
    TRUTH = "true or false"
    NESTED = "a list or a table"


class RosterLine(NamedTuple):
    """A row: its number as a person counts it, its cells, what some of them hold, and what is wrong with it as a whole.

    `fault` is why it cannot be parted into cells, and what to do; then the cells are the row as far as it was read.
    """

    row: int
    cells: list[str]
    held: Mapping[int, CellContent] = MappingProxyType({})
    fault: tuple[str, str] | None = None
