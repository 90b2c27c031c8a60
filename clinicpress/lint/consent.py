"""C: whether a consent form holds what it must. Codes as in the table of consent elements (DESIGN.md, "Consent").

Hospital rules (CMS, Joint Commission) bind hospitals; for a free-standing clinic they are a benchmark, and state law
decides. So far this family sees to the sections; a form without one of them is not printed.
"""

from collections.abc import Iterator

from clinicpress.documents import ConsentForm, Document
from clinicpress.errors import Problem, Rule
from clinicpress.lint.rules import Check, Context, rule

CMS = "42 CFR 482.24(c)(4)(v), hospital benchmark"
AMA = "AMA Code of Medical Ethics 2.1.1"
GMC = "GMC Decision making and consent (2020)"
TJC = "Joint Commission RI.01.03.01, hospital benchmark"
AHRQ = "AHRQ Making Informed Consent an Informed Choice"


def _section(code: str, role: str, what: str, *sources: str) -> Check[Document]:
    """The rule that a consent form has the section of a role. None of these can be "not applicable"."""

    @rule(code, "missing-role", source="; ".join(sources))
    def missing(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
        if not isinstance(document, ConsentForm) or document.section(role):
            return
        message = f"The form does not say {what}: no section has the role '{role}'."
        remedy = f"Add '## … {{#{role}}}', or the role to the section that says it ('{{#risks .{role}}}')."
        yield rule.found(str(document.file), 1, message, remedy)

    manual = f"A consent form says {what}: a section with the role '{role}'."
    return Check(Rule(code, "missing-role", manual, missing.rule.source), missing.find)


RULES = (
    _section("C02", "definition", "what the procedure is, in plain words", CMS, AMA, TJC),
    _section("C07", "expect", "what will happen, how long it takes, and what to do afterwards", AMA, TJC, GMC),
    _section("C08", "benefits", "what may help, and how sure that is", CMS, AMA, TJC, GMC),
    _section("C09", "risks", "what can go wrong, common and serious", CMS, GMC),
    _section("C11", "alternatives", "what else can be done, with benefits and risks", CMS, AMA, TJC, GMC),
    _section("C12", "no-treatment", "what may follow from doing nothing", AMA, GMC, TJC),
    _section("C13", "statement", "what the person who signs states", CMS),
    _section("C19", "voluntary", "that the patient may refuse, and may withdraw after signing", AMA, TJC),
    _section("C20", "questions", "whom to ask and to call", GMC, AHRQ),
)
