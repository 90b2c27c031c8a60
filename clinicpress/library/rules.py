"""The faults that reading a file can find, one rule each.

They are found while files become facts, because a file that has them has no facts to check. `lint` holds the rest.
"""

from clinicpress.errors import Rule, Severity

CONTENT = "How a document is written (docs/write.md)"
PROFILE = "How a clinic's profile is written (docs/clinic.md)"
VALUES = "How a form is filled (docs/fill.md)"
LIST = "How an appointment list is written (docs/batch.md)"
PACKETS = "What is handed out for a procedure (docs/batch.md)"
PDFUA = "ISO 14289-1 (PDF/UA-1) 7.3; WCAG 2.2, 1.1.1"

UNKNOWN_KEY = Rule(
    "S01", "unknown-key", "A key that nobody reads is a misspelling or a wish; both must be seen.", CONTENT
)
MISSING_KEY = Rule("S02", "missing-key", "Without this key the document or the profile cannot be printed.", CONTENT)
WRONG_TYPE = Rule(
    "S03", "wrong-type", "The value is not of the kind that the key asks for (text, number, list).", CONTENT
)
BAD_DATE = Rule("S04", "bad-date", "Dates are written as 2027-11-22, which can be read in one way only.", "ISO 8601")
BAD_LANGUAGE = Rule("S05", "bad-language", "A language tag is unknown, or has no template words yet.", "BCP 47")
# S06 to S08 (missing-role, empty-role, duplicate-role) look at a whole document: see clinicpress.lint.structure.
UNKNOWN_ROLE = Rule(
    "S09", "unknown-role", "The id on a heading says what the section does; this one is not a role.", CONTENT
)
RAW_HTML = Rule("S10", "raw-html", "HTML in the text is refused: it could load files and it breaks the tags.", CONTENT)
REMOTE_IMAGE = Rule(
    "S11",
    "remote-image",
    "A figure lies beside the Markdown file. Nothing is ever fetched from elsewhere, so that nobody learns of a print.",
    CONTENT,
)
BROKEN_FIGURE = Rule("S12", "broken-figure", "A figure or a logo is missing, or is not a drawing that prints.", CONTENT)
MISSING_ALT = Rule("S13", "missing-alt", "A figure needs words for those who cannot see it.", PDFUA)
MISSING_CAPTION = Rule("S14", "missing-caption", "A figure needs a caption that says what to look for.", "PEMAT-P 18")
IMAGE_TOO_LARGE = Rule(
    "S15", "image-too-large", "A picture beyond 5 MB or 25 megapixels only slows the printer.", CONTENT
)
UNREADABLE_TEXT = Rule(
    "S16", "unreadable-text", "The file is not UTF-8 text, or holds characters that do not print.", CONTENT
)
BAD_FRONT_MATTER = Rule(
    "S17", "bad-front-matter", "The block between the two --- lines is missing or is not YAML.", CONTENT
)
BAD_LINK = Rule("S18", "bad-link", "Links lead to https, http, mailto or tel addresses.", CONTENT)
HEADING_LEVEL = Rule("S19", "heading-level", "A section starts with ##; the title stands in the front matter.", CONTENT)
UNKNOWN_VALUE = Rule("S20", "unknown-value", "The key knows a fixed set of values, and this is none of them.", CONTENT)
UNSUPPORTED = Rule("S21", "unsupported-markdown", "This Markdown has no place on a printed leaflet.", CONTENT)
NAME_MISMATCH = Rule("S22", "name-mismatch", "The file name and the front matter say different things.", CONTENT)
NO_LEAFLET = Rule(
    "S23", "no-leaflet", "A consent form names the handout that goes with it.", "NHS model consent forms (C22)"
)
BAD_KIND = Rule(
    "S50",
    "bad-kind",
    "A clinic's own kind of paper is a file in kinds/ that adds to what ships (docs/kinds.md).",
    CONTENT,
)
NO_FIXED_FILE = Rule(
    "X03",
    "no-file",
    "Somebody else's form is a PDF beside the file that describes it (docs/fixed.md).",
    "How an official form is kept (docs/fixed.md)",
)
BAD_FORM_NUMBER = Rule("S24", "bad-form-number", "The form number stands in the code on every page.", CONTENT)

BAD_PHONE = Rule("B05", "bad-phone", "The phone number is on every page: it has to be one that rings.", "ITU-T E.164")
BAD_COLOR = Rule("B06", "bad-color", "A colour is written as six hexadecimal digits, #0b4a56.", PROFILE)
BAD_TYPEFACE = Rule("B07", "bad-typeface", "Only typefaces that ship in fonts/ are printed.", PROFILE)

UNKNOWN_FIELD = Rule("S25", "unknown-field", "A value is given for a field that no form has.", VALUES)
BAD_VALUE = Rule(
    "S26", "bad-value", "A value is not of the kind of its field, or cannot be read in one way only.", VALUES
)
NO_GLYPH_FOR_VALUE = Rule("S27", "value-glyph", "Every letter of a value has a drawing in one of our fonts.", PDFUA)

REVIEW_FILE = Rule(
    "R03",
    "review-file",
    "The records of approval stand as `approve` wrote them. A record that was changed by hand does not count.",
    "House rule: an approval is bound to the very words",
    Severity.WARNING,
)
PASSAGES = "How passages and variables are written (docs/passages.md)"
NO_PASSAGE = Rule(
    "N01", "no-passage", "A passage that a text asks for is in `handouts/passages/`, and is whole there.", PASSAGES
)
PASSAGE_LANGUAGE = Rule(
    "N02",
    "passage-language",
    "A passage is in the language of the text that asks for it: English never stands in for another language.",
    PASSAGES,
)
PASSAGE_IN_PASSAGE = Rule(
    "N03", "passage-in-passage", "A passage holds its own words only, so that each text has one place.", PASSAGES
)
PASSAGE_KIND = Rule("N04", "passage-kind", "A passage may say in which kinds of documents it may stand.", PASSAGES)
PASSAGE_EXPIRED = Rule(
    "N05",
    "passage-expired",
    "A passage that was to be read again by a day does not go on printing after it in many documents.",
    PASSAGES,
)
PASSAGE_BLOCKS = Rule(
    "N06",
    "passage-blocks",
    "A passage is asked for on lines of its own, and is whole blocks: paragraphs, lists, tables, ### headings.",
    PASSAGES,
)
UNKNOWN_VARIABLE = Rule(
    "N07", "unknown-variable", "A name in braces in running text stands for a value of the clinic's profile.", PASSAGES
)
EMPTY_VARIABLE = Rule(
    "N08", "empty-variable", "A value that a text names is there: a torn sentence is never printed.", PASSAGES
)
PATIENT_IN_TEXT = Rule(
    "N09",
    "patient-in-text",
    "A patient's facts come into fields only, so that no approved text is another for each person.",
    PASSAGES,
)
VALUE_TOO_LONG = Rule("S29", "value-too-long", "Every value stands whole inside its box, never cut off.", VALUES)
BAD_CELL = Rule(
    "S35",
    "bad-cell",
    "A cell of a roster is empty, damaged, or can be read in more than one way.",
    LIST,
)
BAD_ROW = Rule("S36", "bad-row", "A row of a roster has other cells than its header.", LIST)
LISTED_TWICE = Rule(
    "S37",
    "listed-twice",
    "Two rows of a roster speak of one record number: the same visit once more, or another person.",
    LIST,
)

UNKNOWN_PROCEDURE = Rule("S38", "unknown-procedure", "Nobody has said which documents go with this procedure.", PACKETS)
NO_TEXT = Rule("S39", "no-text", "The library has no text for a document of the packet.", PACKETS)
NOT_RENDERED = Rule("S40", "not-rendered", "A document of this row could not be rendered.", PACKETS)

RULES = (
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_TYPE,
    BAD_DATE,
    BAD_LANGUAGE,
    UNKNOWN_ROLE,
    RAW_HTML,
    REMOTE_IMAGE,
    BROKEN_FIGURE,
    MISSING_ALT,
    MISSING_CAPTION,
    IMAGE_TOO_LARGE,
    UNREADABLE_TEXT,
    BAD_FRONT_MATTER,
    BAD_LINK,
    HEADING_LEVEL,
    UNKNOWN_VALUE,
    UNSUPPORTED,
    NAME_MISMATCH,
    NO_LEAFLET,
    BAD_KIND,
    NO_FIXED_FILE,
    BAD_FORM_NUMBER,
    BAD_PHONE,
    BAD_COLOR,
    BAD_TYPEFACE,
    REVIEW_FILE,
    NO_PASSAGE,
    PASSAGE_LANGUAGE,
    PASSAGE_IN_PASSAGE,
    PASSAGE_KIND,
    PASSAGE_EXPIRED,
    PASSAGE_BLOCKS,
    UNKNOWN_VARIABLE,
    EMPTY_VARIABLE,
    PATIENT_IN_TEXT,
)

VALUE_RULES = (
    UNKNOWN_FIELD,
    BAD_VALUE,
    NO_GLYPH_FOR_VALUE,
    VALUE_TOO_LONG,
    BAD_CELL,
    BAD_ROW,
    LISTED_TWICE,
    UNKNOWN_PROCEDURE,
    NO_TEXT,
    NOT_RENDERED,
)
"""Rules about the values that are given for patients, not about content."""
