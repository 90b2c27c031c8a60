"""How a finding weighs where the clinic is, and what was left out for a reason."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from clinicpress.clinics import ClinicProfile, Jurisdiction
from clinicpress.documents import Document
from clinicpress.errors import Problem, Rule
from clinicpress.lint.rules import Check, Context, rule


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rule that was not applied, who said so, and why."""

    file: str
    code: str
    by: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.code} was not looked for ({self.by}): {self.reason}"


def weighed(problem: Problem, jurisdiction: Jurisdiction | None) -> Problem | None:
    """A finding as it weighs in a jurisdiction, with the reason; None where its rule is switched off."""
    weighing = jurisdiction.rules.get(problem.code) if jurisdiction is not None else None
    if jurisdiction is None or weighing is None:
        return problem
    if weighing.severity is None:
        return None
    if weighing.severity is problem.severity:
        return problem
    message = f"{problem.message} In '{jurisdiction.name}' this is {_an(weighing.severity)}: {weighing.reason}"
    return replace(problem, severity=weighing.severity, message=message)


def left_out(documents: Iterable[Document], clinic: ClinicProfile | None) -> tuple[LeftOut, ...]:
    """What was not looked for: switched off by the jurisdiction, or not applicable to a form by its author."""
    found: list[LeftOut] = []
    if clinic is not None:
        place = clinic.jurisdiction
        off = ((code, one.reason) for code, one in sorted(place.rules.items()) if one.severity is None)
        found += [LeftOut(str(clinic.file), code, place.name, reason) for code, reason in off]
    for document in documents:
        own = ((code, why) for code, why in sorted(document.not_applicable.items()))
        core = {code for code, one in document.kind.elements.items() if one.core}
        found += [LeftOut(str(document.file), code, "not applicable", why) for code, why in own if code not in core]
    return tuple(found)


def _an(severity: str) -> str:
    return f"an {severity}" if severity.startswith("e") else f"a {severity}"


def unknown_code(known: Collection[str]) -> Check[ClinicProfile]:
    """The rule that a jurisdiction weighs only what there is; `known` are the codes that can be weighed."""

    @rule("S34", "unknown-rule", source="How a jurisdiction is written (docs/clinic.md)")
    def unknown(rule: Rule, clinic: ClinicProfile, context: Context) -> Iterator[Problem]:
        """A jurisdiction of your own weighs rules by their codes; a code that no rule has is a misspelling.

        What reading a file finds (S01) cannot be weighed: such a file has no facts to print.

        Wrong: `C99 = {weight = "off", reason = "…"}`. Right: `C27`, a code that `check --explain` knows.
        """
        place = clinic.jurisdiction
        for code, weighing in place.rules.items():
            if code not in known and not any(code in kind.elements for kind in clinic.kinds.values()):
                message = f"The jurisdiction '{place.name}' weighs '{code}', and no such rule can be weighed."
                yield rule.found(str(place.file), weighing.line, message, "Correct the code, or take it out.", code)

    return unknown
