"""The doctor finds what a machine lacks, and names a remedy that fits that machine."""

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clinicpress.doctor import (
    JAXB_JARS,
    LIBRARIES,
    TEST_PROGRAMS,
    Family,
    Finding,
    Machine,
    Need,
    Probe,
    examine,
    family_of,
)

ROOT = Path(__file__).parents[1]
OS_RELEASE = {
    "Debian 12": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
    "Ubuntu": 'PRETTY_NAME="Ubuntu 24.04 LTS"\nID=ubuntu\nID_LIKE=debian\n',
    "Mint": 'ID=linuxmint\nID_LIKE="ubuntu debian"\n',
    "Fedora": "ID=fedora\nVERSION_ID=43\n",
    "Rocky": 'ID="rocky"\nID_LIKE="rhel centos fedora"\n',
    "Arch": "ID=arch\n",
}


@dataclass
class Pretended:
    """A machine that has everything, less what a test takes away."""

    system_name: str = "Linux"
    kernel: str = "6.1.0-18-amd64"
    release: str = OS_RELEASE["Debian 12"]
    python_version: tuple[int, int] = (3, 11)
    sqlite_version: tuple[int, int] = (3, 40)
    distributions: dict[str, str] = field(default_factory=lambda: {"weasyprint": "70.0", "pikepdf": "10.17.0"})
    missing: frozenset[str] = frozenset()
    queues: tuple[str, ...] = ("front-desk",)

    def system(self) -> str:
        return self.system_name

    def kernel_release(self) -> str:
        return self.kernel

    def os_release(self) -> str:
        return self.release

    def versions(self) -> tuple[tuple[int, int], tuple[int, int]]:
        return self.python_version, self.sqlite_version

    def distribution(self, name: str) -> str | None:
        return self.distributions.get(name)

    def loads(self, library: str) -> bool:
        return library not in self.missing

    def program(self, name: str) -> bool:
        return name not in self.missing

    def files(self, folder: Path) -> frozenset[str]:
        return (JAXB_JARS if folder.name == "java" else frozenset({"Sans.ttf", "OFL.txt"})) - self.missing

    def printers(self) -> tuple[str, ...]:
        return self.queues


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(
        "# why\nweasyprint==70.0 \\\n    --hash=sha256:00\n"
        "pikepdf==10.17.0\ncolorama==0.4.6 ; sys_platform == 'win32'\n"
    )
    return path


@pytest.fixture
def fonts(tmp_path: Path) -> Path:
    return tmp_path / "fonts"


def lacking(probe: Probe, requirements: Path, fonts: Path) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(probe, requirements, fonts) if not finding.ok}


def test_a_machine_that_has_everything_lacks_nothing_and_needs_no_remedy(requirements: Path, fonts: Path) -> None:
    findings = examine(Pretended(), requirements, fonts)
    assert len(findings) == len(LIBRARIES) + len(TEST_PROGRAMS) + 8
    assert all(finding.ok and finding.detail and not finding.remedy for finding in findings)


@pytest.mark.parametrize("part", LIBRARIES, ids=lambda part: part.name)
def test_each_library_is_missed_and_required(part, requirements: Path, fonts: Path) -> None:
    found = lacking(Pretended(missing=frozenset({part.looked_for})), requirements, fonts)
    assert list(found) == [part.name]
    assert found[part.name].required
    assert found[part.name].remedy.endswith(f"apt-get install --no-install-recommends {part.debian}")


@pytest.mark.parametrize("name", [*(part.looked_for for part in TEST_PROGRAMS), *sorted(JAXB_JARS)])
def test_what_only_the_tests_use_does_not_stop_printing(name: str, requirements: Path, fonts: Path) -> None:
    (finding,) = lacking(Pretended(missing=frozenset({name})), requirements, fonts).values()
    assert finding.needed_for is Need.TESTS
    assert not finding.required


@pytest.mark.parametrize(
    ("machine", "remedy"),
    [
        (Pretended(release=OS_RELEASE["Ubuntu"]), "sudo apt-get update && sudo apt-get install"),
        (Pretended(release=OS_RELEASE["Fedora"]), "sudo dnf install pango"),
        (Pretended(system_name="Darwin", release=""), "brew install pango"),
        (Pretended(system_name="Windows", release=""), "inside WSL: sudo apt-get update"),
        (Pretended(release=OS_RELEASE["Arch"]), "this system's package manager, install Pango"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_remedy_fits_the_machine(machine: Pretended, remedy: str, requirements: Path, fonts: Path) -> None:
    machine.missing = frozenset({"libpango-1.0.so.0"})
    assert remedy in lacking(machine, requirements, fonts)["Pango"].remedy


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Debian 12", Family.DEBIAN),
        ("Ubuntu", Family.DEBIAN),
        ("Mint", Family.DEBIAN),
        ("Fedora", Family.FEDORA),
        ("Rocky", Family.FEDORA),
        ("Arch", Family.OTHER),
    ],
)
def test_descendants_belong_to_the_family(name: str, family: Family) -> None:
    assert family_of(Pretended(release=OS_RELEASE[name])) is family


def test_windows_is_sent_to_wsl_and_a_debian_under_wsl_is_a_debian(requirements: Path, fonts: Path) -> None:
    windows = lacking(Pretended(system_name="Windows", release=""), requirements, fonts)
    assert windows["System"].required
    assert windows["System"].remedy.startswith("wsl --install -d Debian")
    inside = Pretended(kernel="5.15.153.1-microsoft-standard-WSL2")
    assert not lacking(inside, requirements, fonts)
    assert examine(inside, requirements, fonts)[0].detail == "Debian GNU/Linux 12 (bookworm), under WSL"


def test_a_package_that_is_missing_or_not_the_pinned_one_is_named(requirements: Path, fonts: Path) -> None:
    machine = Pretended(distributions={"weasyprint": "69.0", "colorama": "0.4.5"})
    found = lacking(machine, requirements, fonts)["Python packages"]
    assert found.required
    assert found.detail == "weasyprint is 69.0, not 70.0; pikepdf is missing; colorama is 0.4.5, not 0.4.6"


def test_a_requirement_file_without_pins_is_not_taken_for_a_sound_machine(requirements: Path, fonts: Path) -> None:
    requirements.write_text("weasyprint\n")
    assert "Python packages" in lacking(Pretended(), requirements, fonts)


def test_an_old_sqlite_stops_no_document_and_is_told_with_its_remedy(requirements: Path, fonts: Path) -> None:
    found = lacking(Pretended(sqlite_version=(3, 36)), requirements, fonts)["SQLite"]
    assert (found.detail, found.required) == ("version 3.36", False)
    assert "apt-get install" in found.remedy
    assert "3.37 or newer" in found.remedy


def test_an_old_python_is_found(requirements: Path, fonts: Path) -> None:
    found = lacking(Pretended(python_version=(3, 9)), requirements, fonts)["Python"]
    assert (found.detail, found.required) == ("version 3.9", True)
    assert "3.11" in found.remedy


def test_a_folder_without_font_files_is_found(requirements: Path, fonts: Path) -> None:
    assert lacking(Pretended(missing=frozenset({"Sans.ttf"})), requirements, fonts)["Fonts"].required


def test_no_printer_is_a_lack_only_for_printing_on_paper(requirements: Path, fonts: Path) -> None:
    without_queue = lacking(Pretended(queues=()), requirements, fonts)["Printer"]
    without_cups = lacking(Pretended(missing=frozenset({"lpstat"})), requirements, fonts)["Printer"]
    assert re.search(r"systemctl start cups .* lpadmin .* -m everywhere", without_queue.remedy)
    assert without_cups.remedy.endswith("apt-get install --no-install-recommends cups")
    assert {without_queue.needed_for, without_cups.needed_for} == {Need.PRINTER}


def test_the_real_machine_can_print_and_the_pins_are_read() -> None:
    pins = ROOT / "requirements.txt"
    findings = {finding.name: finding for finding in examine(Machine(), pins, ROOT / "fonts")}
    assert [finding for finding in findings.values() if finding.required and not finding.ok] == []
    pinned = sum("==" in line for line in pins.read_text().splitlines())
    assert findings["Python packages"].detail.startswith(f"{pinned} packages pinned")


def test_the_real_machine_does_not_have_what_does_not_exist(tmp_path: Path) -> None:
    machine = Machine()
    assert not machine.loads("libno-such-thing-1.0.so.0")
    assert not machine.program("no-such-program")
    assert machine.distribution("no-such-package") is None
    assert machine.files(tmp_path / "nowhere") == frozenset()


def test_the_doctor_works_without_any_package() -> None:
    """The one time it is needed most is when nothing is installed yet: -S leaves all installed packages out."""
    subprocess.run([sys.executable, "-S", "-c", "import clinicpress.doctor"], cwd=ROOT, check=True)


def test_typefaces_that_lack_for_names_are_told_with_the_command(requirements: Path, fonts: Path) -> None:
    fonts.mkdir(exist_ok=True)
    (fonts / "requirements.txt").write_text("pylopdf-fonts-he==0.1.1 \\\n    --hash=sha256:00\npikepdf==10.17.0\n")
    found = next(one for one in examine(Pretended(), requirements, fonts) if one.needed_for is Need.NAMES)
    assert (found.ok, found.required) == (False, False)
    assert "pylopdf-fonts-he" in found.detail
    assert "pikepdf" not in found.detail
    assert found.remedy == "make more-fonts"
