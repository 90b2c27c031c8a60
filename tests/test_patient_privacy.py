"""What we are told about a patient stands in the form and nowhere else: in no name, manifest, message or leftover.

The patient is invented, with a name and a number that nothing else on earth says by chance.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pikepdf
import pytest

from clinicpress.destinations.folder import MANIFEST
from clinicpress.orders import Rendition
from clinicpress.press import press
from clinicpress.visits import Encounter
from tests import forms
from tests.instruments.extract import poppler_pages
from tests.lint.shelf import TODAY, forked, generate

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

Start = Callable[..., "subprocess.CompletedProcess[str]"]
NAME, MRN = "Quitzilda Ohnemus-Vrbická", "77Q4420-XJ"
FACTS = {
    "patient": {"name": NAME, "birth_date": "1907-02-28", "mrn": MRN},
    "encounter": {"reason": "The wombat kicked my knee.", "side": "left"},
}
SAID = re.compile(r"Quitzilda|Ohnemus|Vrbick|77Q4420|wombat|Feb 28, 1907|1907-02-28", re.IGNORECASE)


@dataclass(frozen=True)
class Run:
    """A build for the patient: what it said, and what it left."""

    code: int
    said: str
    told: str
    out: Path
    temp: Path

    @property
    def pdf(self) -> Path:
        (found,) = self.out.rglob("*.pdf")
        return found

    @property
    def left(self) -> list[str]:
        """The names of all that is on the disk now, in the output folder and in the temporary one."""
        return [str(path.relative_to(self.out.parent)) for path in sorted(self.out.parent.rglob("*"))]


def run(folder: Path, *arguments: str, facts: Mapping[str, object] = FACTS, start: Start = forked) -> Run:
    """Builds the form for the patient whose facts are in a file, in a folder of its own with a temporary folder."""
    for name in ("work", "work/temp", "given"):
        (folder / name).mkdir()
    given, out, temp = folder / "given" / "patient.json", folder / "work" / "out", folder / "work" / "temp"
    given.write_text(json.dumps(facts), encoding="utf-8")
    where = ("--patient", str(given), "--out", str(out), "--today", TODAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(temp))
        patch.setenv("TMPDIR", str(temp))
        ran = start("build", forms.TOPIC, "--kind", "consent", "--lang", "en", *where, *arguments)
    return Run(ran.returncode, ran.stdout, ran.stderr, out, temp)


@pytest.fixture(scope="module", params=["--flatten", pytest.param("--fillable", marks=pytest.mark.soak)])
def printed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("patient")
    done = run(folder, request.param, "--json", "--set", "encounter.site=Wombat knee", start=generate)
    assert done.code == 0, done.told
    return done


# Where it may stand, and where not ----------------------------------------------------------------------------------


def test_the_form_says_who_it_is_for(printed: Run) -> None:
    """Else the tests below would prove nothing."""
    for page in poppler_pages(printed.pdf):
        assert NAME in page
        assert MRN in page


def test_no_file_name_and_no_manifest_tells_of_the_patient(printed: Run) -> None:
    manifest = (printed.out / MANIFEST).read_text(encoding="utf-8")
    assert len(json.loads(manifest)["files"]) == 1
    assert SAID.findall("\n".join([*printed.left, manifest])) == []


def test_nothing_that_is_said_tells_of_the_patient(printed: Run) -> None:
    assert '"files"' in printed.said
    assert SAID.findall(printed.said + printed.told) == []


def about(path: Path) -> str:
    """What a PDF says of itself, beside its pages: metadata and attachments, and its outline."""
    with pikepdf.open(path) as pdf:
        texts = [bytes(pdf.Root.Metadata.read_bytes()).decode(), str(dict(pdf.docinfo.items()))]
        for name, attached in pdf.attachments.items():
            texts += [name, attached.get_file().read_bytes().decode()]
        return "\n".join([*texts, *(str(dict(item.items())) for item in outline(pdf))])


def outline(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    return [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and {"/Title", "/Parent"} <= one.keys()]


def test_neither_metadata_nor_attachments_tell_of_the_patient(printed: Run) -> None:
    texts = about(printed.pdf)
    assert "document.json" in texts
    assert "pdfuaid" in texts
    assert SAID.findall(texts) == []


@pytest.mark.parametrize("place", ["title", "xmp", "attachment"])
def test_the_search_finds_the_patient_in(place: str, printed: Run, tmp_path: Path) -> None:
    with pikepdf.open(printed.pdf) as pdf:
        match place:
            case "title":
                pdf.docinfo["/Title"] = pikepdf.String(f"Form of {NAME}")
            case "xmp":
                data = pdf.Root.Metadata.read_bytes().replace(b"Consent form", MRN.encode())
                pdf.Root.Metadata = pdf.make_stream(data)
            case "attachment":
                pdf.attachments["facts.json"] = json.dumps(FACTS).encode()
        pdf.save(tmp_path / "telling.pdf")
    assert SAID.findall(about(tmp_path / "telling.pdf"))


def test_nothing_is_left_in_the_temporary_folder(printed: Run) -> None:
    assert printed.temp.is_dir()
    assert [name for name in printed.left if name.startswith("temp/")] == []


# When it goes wrong -------------------------------------------------------------------------------------------------

REFUSED: Mapping[str, tuple[tuple[str, ...], Mapping[str, object]]] = {
    "a value that is too long": ((), {"patient": {"name": NAME, "mrn": MRN * 40}}),
    "a value that is far too long": ((), {"patient": {"name": NAME * 200}}),
    "a value of another kind": ((), {"patient": {"name": NAME, "birth_date": MRN}}),
    "a value that does not print": ((), {"patient": {"name": NAME + "\u202e", "mrn": MRN}}),
    "none of the choices": ((), {"encounter": {"side": f"the wombat's {MRN}"}}),
    "a table for a value": ((), {"patient": {"name": NAME, "mrn": [MRN]}}),
    "a signature": ((), {"patient": {"signature": NAME}}),
    "a field that is unknown": (("--set", f"patient.nam={NAME}"), FACTS),
    "a setting without its sign": (("--set", f"patient.mrn:{MRN}"), FACTS),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_refusal_does_not_repeat_what_it_refuses(fault: str, tmp_path: Path) -> None:
    arguments, facts = REFUSED[fault]
    refused = run(tmp_path, *arguments, facts=facts)
    assert refused.code in (2, 3)
    assert refused.told
    assert SAID.findall(refused.said + refused.told) == []
    assert not refused.out.exists()


def test_a_patient_file_that_is_cut_short_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "cut.json").write_text(json.dumps(FACTS)[:-9], encoding="utf-8")
    refused = run(tmp_path, "--patient", str(tmp_path / "cut.json"))
    assert refused.code == 2
    assert "not JSON" in refused.told
    assert SAID.findall(refused.said + refused.told) == []


BUG = """
import sys
from clinicpress import cli, files
from clinicpress.pdf import finish

real = finish.finish

def bug(*given, **named):
    if any(not one.encounter.values for one in given if hasattr(one, "encounter")):
        return real(*given, **named)  # a layout is proved without the patient's facts
    raise RuntimeError(f"a bug, with {[one for one in given if not isinstance(one, (bytes, str))]!r} at hand")

setattr(*{"in the PDF": (finish, "finish"), "on the disk": (files, "beside")}[sys.argv[1]], bug)
sys.exit(cli.main(sys.argv[2:]))
"""


@pytest.mark.parametrize(("place", "at_hand"), [("in the PDF", "Order("), ("on the disk", "Path(")])
def test_a_bug_neither_tells_of_the_patient_nor_leaves_anything(place: str, at_hand: str, tmp_path: Path) -> None:
    """In a real process: what it leaves to its end to be tidied up is looked at as well."""
    failed = run(tmp_path, "--flatten", start=partial(with_a_bug, place))
    assert failed.code == 1
    assert re.search(rf"a bug, with \[.*{re.escape(at_hand)}", failed.told.replace("Posix", ""))
    assert SAID.findall(failed.said + failed.told) == []
    assert [name for name in failed.left if name not in ("temp", "out")] == []


def with_a_bug(place: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-B", "-c", BUG, place, *arguments]
    return subprocess.run(command, cwd=forms.ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_what_is_printed_of_an_object_does_not_tell_of_the_patient() -> None:
    """As a debugger, a log or a careless message would print it."""
    encounter = Encounter({"patient.name": NAME, "patient.mrn": MRN}, "patient.json")
    order = replace(forms.order(), rendition=Rendition.PAPER, encounter=encounter)
    layout = forms.layout()
    finished = press.complete(layout, order)
    for one in (encounter, order, layout, finished, finished.facts()):
        assert SAID.findall(f"{one!r} {one} {[one]}") == []
    assert SAID.findall(repr(dict(encounter.values)))
