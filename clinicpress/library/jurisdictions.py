"""A jurisdiction file becomes a table of weights: which rules count more, less or not at all somewhere, and why.

The product brings `us-clinic`, `us-hospital` and `uk` (`jurisdictions/*.toml`); a clinic can write its own beside its
profile. The files lie here, not with the rules, because reading files is this room's work. None is legal advice.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from clinicpress.clinics import Jurisdiction, Weighing
from clinicpress.errors import Problem, Severity
from clinicpress.library.files import MAX_ROW, is_file, long_row, read_text, toml_values
from clinicpress.library.keys import nearest
from clinicpress.library.rules import BAD_FRONT_MATTER, UNKNOWN_KEY, UNKNOWN_VALUE, WRONG_TYPE

SHIPPED = Path(__file__).parent / "jurisdictions"
WEIGHTS = (*map(str, Severity), "off")


def read_jurisdiction(named: str, profile: Path, line: int) -> tuple[Jurisdiction, list[Problem]]:
    """The jurisdiction of this name, or in the file of this name beside the profile, and what is wrong with it."""
    shipped = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    own = named.endswith(".toml")
    path = profile.parent / named if own else SHIPPED / f"{named}.toml"
    if not own and named not in shipped:
        message = f"'jurisdiction' does not know '{named}'."
        remedy = f'{nearest(named, shipped)} Or name a file of your own beside {profile.name}: "oregon.toml".'
        return Jurisdiction(named), [UNKNOWN_VALUE.found(str(profile), line, message, remedy, named)]
    if own and (Path(named).name != named or not is_file(path)):
        message = f"There is no file {named} beside {profile.name}."
        remedy = f"Put it there, or take one of: {', '.join(shipped)}."
        return Jurisdiction(named), [UNKNOWN_VALUE.found(str(profile), line, message, remedy, named)]
    return _read(named, path)


def _read(name: str, path: Path) -> tuple[Jurisdiction, list[Problem]]:
    text, problems = read_text(path)
    remedy = 'Write: [rules] and then C27 = {weight = "off", reason = "…"}.'
    if line := long_row(text):
        message = f"The row is longer than {MAX_ROW:,} letters."
        return Jurisdiction(name, file=path), [*problems, BAD_FRONT_MATTER.found(str(path), line, message, remedy)]
    try:
        values = toml_values(text)
    except ValueError as error:
        message = f"The jurisdiction cannot be read: {error}."
        return Jurisdiction(name, file=path), [*problems, BAD_FRONT_MATTER.found(str(path), 1, message, remedy)]
    lines = {row.partition("=")[0].strip(): number for number, row in enumerate(text.split("\n"), 1) if "=" in row}
    for key in sorted(values.keys() - {"about", "rules"}):
        message = f"The key '{key}' is unknown."
        problems.append(UNKNOWN_KEY.found(str(path), lines.get(key, 1), message, "Known are: about, rules.", key))
    rules = values.get("rules", {})
    changes: dict[str, Weighing] = {}
    for code, entry in rules.items() if isinstance(rules, Mapping) else ():
        weight, reason = (entry.get("weight"), entry.get("reason")) if isinstance(entry, Mapping) else (None, None)
        if weight not in WEIGHTS or not isinstance(reason, str) or not reason.strip():
            message = f"'{code}' needs a weight ({', '.join(WEIGHTS)}) and a reason."
            problems.append(WRONG_TYPE.found(str(path), lines.get(code, 1), message, remedy, code))
        else:
            severity = None if weight == "off" else Severity(weight)
            changes[code] = Weighing(severity, " ".join(reason.split()), lines.get(code, 1))
    about = values.get("about", "")
    return Jurisdiction(name, about if isinstance(about, str) else "", MappingProxyType(changes), path), problems
