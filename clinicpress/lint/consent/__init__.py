"""C: whether a consent form holds what it must. Codes as in the table of consent elements (DESIGN.md, "Consent").

Hospital rules (CMS, Joint Commission) bind hospitals; for a free-standing clinic they are a benchmark, and state law
decides. An element is there when the section with its role says it, or when its words stand in another section. What
the page always prints is not looked for in the text: then the rule sees that the block or the key for it is there.
"""

from clinicpress.documents import Document
from clinicpress.lint.consent import asked, conditional, explained, placed, signed
from clinicpress.lint.rules import Check

RULES: tuple[Check[Document], ...] = (*explained.RULES, *asked.RULES, *conditional.RULES, *signed.RULES, *placed.RULES)
CLINIC_RULES = signed.CLINIC_RULES

__all__ = ["CLINIC_RULES", "RULES"]
