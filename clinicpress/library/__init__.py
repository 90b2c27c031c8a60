"""The reading room: files that people wrote become facts, and what is wrong with them is said with file and line."""

from clinicpress.library.clinics import examine_clinic, read_clinic
from clinicpress.library.documents import find_documents, read_document, read_library
from clinicpress.library.encounters import encounter_of, read_encounter
from clinicpress.library.fonts import read_fonts
from clinicpress.library.glossary import read_glossary
from clinicpress.library.reviews import REVIEW, read_reviews, with_record
from clinicpress.library.rosters import Roster, read_roster, refused_header, refused_row, table_row, with_options
from clinicpress.library.rules import RULES, VALUE_RULES

__all__ = [
    "REVIEW",
    "RULES",
    "VALUE_RULES",
    "Roster",
    "encounter_of",
    "examine_clinic",
    "find_documents",
    "read_clinic",
    "read_document",
    "read_encounter",
    "read_fonts",
    "read_glossary",
    "read_library",
    "read_reviews",
    "read_roster",
    "refused_header",
    "refused_row",
    "table_row",
    "with_options",
    "with_record",
]
