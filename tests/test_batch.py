"""A morning's packets: every patient gets the right documents, filled, and nobody gets another's."""

import csv
import hashlib
import json
import os
import random
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest

from clinicpress import library
from clinicpress.cli import main
from clinicpress.destinations.chunks import Chunk
from clinicpress.destinations.running import InOrder
from clinicpress.library.rosters.rows import Rows
from clinicpress.orders import Rendition
from clinicpress.press.press import produce
from tests import blocked, forms
from tests.instruments import codes, extract, paint, verapdf

ROOT = Path(__file__).resolve().parents[1]
TODAY = "2026-11-23"
HEADER = ("mrn", "name", "birth_date", "appointment", "procedure", "language", "site", "side", "clinician")
ROWS_REFUSED = 7
LOGO = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 10'><circle cx='5' cy='5' r='4' fill='#111111'/></svg>"
Run = Callable[..., tuple[int, str, str]]


def row(mrn: str, name: str, born: str = "1961-04-09", **other: str) -> dict[str, str]:
    usual = {"appointment": "2026-11-24 09:30", "procedure": "neurotherapy", "language": "en", "site": "Knee"}
    return {
        "mrn": mrn,
        "name": name,
        "birth_date": born,
        **usual,
        "side": "left",
        "clinician": "Ada Example, ND",
        **other,
    }


TWINS = (row("0012345", "Zoë Example"), row("0012346", "Zoe Example"))
SAME_NAME = (row("0000001", "John Sample", "1950-01-01"), row("1", "John Sample", "1950-01-02"))
ONE_NAME = row("0000007", "Sukarno")
LONG_NAME = row("0000008", "Maximiliane-Konstanze Example von und zu Tester-Sample-Jones")
SOMALI = row("0000009", "Đặng Thị Ngọc Ánh", language="so", side="both")  # in a language that has no row
SPANISH = row("0000010", "José Ejemplo", language="es", side="right")
PEOPLE = (*TWINS, *SAME_NAME, ONE_NAME, LONG_NAME, SOMALI, SPANISH)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module", autouse=True)
def key(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["CLINICPRESS_STATE"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture
def run(cache: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a batch as the command line does; returns its exit code and what it said on both streams."""

    def batch(roster: Path, out: Path, *options: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main(["batch", str(roster), "--out", str(out), "--cache", str(cache), "--today", TODAY, *options])
        said = capfd.readouterr()
        return code, said.out, said.err

    return batch


def roster(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, HEADER)
        table.writeheader()
        table.writerows(rows)
    return path


def index(out: Path) -> list[dict[str, str]]:
    with (out / "index.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def manifest(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]


def values(pdf: Path) -> dict[str, str]:
    """What stands in the fields of a form."""
    found = {}
    with pikepdf.open(pdf) as opened:
        for name, widget in forms.widgets(opened):
            held = widget if "/V" in widget else widget.get("/Parent", widget)
            found[name] = str(held.get("/V", ""))
    return found


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """The folder of a batch of all the people above, with its print job."""
    folder = tmp_path_factory.mktemp("morning")
    listed = roster(folder / "roster.csv", PEOPLE)
    out = folder / "out"
    code = main(
        ["batch", str(listed), "--out", str(out), "--merge", "print.pdf", "--cache", str(cache), "--today", TODAY]
    )
    assert code == 0
    return out


def test_every_patient_gets_the_packet_of_the_procedure_with_their_own_facts(morning: Path) -> None:
    listed = index(morning)
    assert len(listed) == 2 * len(PEOPLE)
    for number, person in enumerate(PEOPLE, 2):
        handout, form = (one for one in listed if one["row"] == str(number))
        assert (handout["document"], form["document"]) == ("neurotherapy handout", "neurotherapy consent")
        assert (form["mrn"], form["name"], form["birth_date"]) == (person["mrn"], person["name"], person["birth_date"])
        found = values(morning / form["file"])
        assert found["patient.name"] == person["name"]
        assert found["patient.mrn"] == person["mrn"]
        assert found["encounter.site"] == "Knee"
        assert found["clinician.name"] == "Ada Example, ND"
        text = " ".join(extract.poppler_pages(morning / form["file"]))
        assert person["mrn"] in text


def test_two_patients_never_share_a_personal_file(morning: Path) -> None:
    personal = [one["file"] for one in index(morning) if one["document"].endswith("consent")]
    assert len(set(personal)) == len(PEOPLE)
    shared = {one["file"] for one in index(morning) if one["document"].endswith("handout")}
    assert len(shared) == len({one["language"] for one in index(morning)}) == 2  # English and Spanish


def test_a_long_name_is_whole_on_every_page(morning: Path) -> None:
    file = next(
        one["file"] for one in index(morning) if one["mrn"] == LONG_NAME["mrn"] and "consent" in one["document"]
    )
    pages = extract.poppler_pages(morning / file)
    assert len(pages) == 4
    for page in pages:
        assert extract.missing_paragraphs([LONG_NAME["name"]], [page]) == []


def test_a_text_that_lacks_in_the_patients_language_is_english_and_the_desk_is_told(morning: Path) -> None:
    for one in index(morning):
        if one["mrn"] == SOMALI["mrn"]:
            assert one["language"] == "en"
            assert "in the language 'so'; English instead" in one["note"]
        else:
            assert one["note"] == ""
            assert one["language"] == ("es" if one["mrn"] == SPANISH["mrn"] else "en")


def test_every_file_keeps_both_standards_and_is_what_the_manifest_says(morning: Path) -> None:
    listed = manifest(morning)
    files = {str(one["file"]): str(one["sha256"]) for one in listed}
    for name, digest in files.items():
        assert hashlib.sha256((morning / name).read_bytes()).hexdigest() == digest
    spanish = next(str(one["file"]) for one in listed if one["language"] == "es" and one["kind"] == "consent")
    chosen = [morning / spanish, morning / "print.pdf"]
    assert verapdf.validate(chosen) == {path: [] for path in chosen}
    assert all(one["rendered_anew"] == {} for one in listed)


def test_the_print_job_has_every_packet_in_the_order_of_the_roster_each_on_a_fresh_sheet(morning: Path) -> None:
    pages = extract.poppler_pages(morning / "print.pdf")
    place = 0
    for one in index(morning):
        count = int(one["pages"])
        if "consent" in one["document"]:
            assert all(one["mrn"] in page for page in pages[place : place + count])
        assert all(page.strip() for page in pages[place : place + count])
        place += count
        if count % 2 and place < len(pages):
            assert not pages[place].strip()  # the back of its last sheet
            place += 1
    assert place == len(pages)


def test_the_rows_of_a_roster_are_read_once_although_a_print_job_is_made(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list[int]()
    one_row = Rows.read
    monkeypatch.setattr(Rows, "read", lambda rows, line: read.append(line.row) or one_row(rows, line))
    listed = roster(tmp_path / "roster.csv", PEOPLE[:2])
    assert run(listed, tmp_path / "out", "--merge", "print.pdf")[0] == 0
    assert read == [2, 3]


def test_chunks_that_are_finished_in_any_order_are_merged_in_that_of_the_roster() -> None:
    merged = list[tuple[int, frozenset[int]]]()
    in_order = InOrder(lambda chunk, refused: merged.append((chunk.number, frozenset(refused))))
    for number in (1, 2, 3, 4):
        in_order.begun(Chunk(number, ()))
    for number in (3, 1, 4, 2):
        in_order.finished(number, (number * 100,))
        assert [one for one, _ in merged] == list(range(1, len(merged) + 1))
    assert merged == [(number, {number * 100}) for number in (1, 2, 3, 4)]


def test_a_page_of_the_print_job_is_that_of_the_single_document(morning: Path, run: Run, tmp_path: Path) -> None:
    listed = roster(tmp_path / "roster.csv", PEOPLE[:1])
    assert run(listed, tmp_path / "out", "--flatten")[0] == 0
    single = next(one["file"] for one in index(tmp_path / "out") if "consent" in one["document"])
    ours = paint.paint(tmp_path / "out" / single, "poppler", 80)
    job = paint.paint(morning / "print.pdf", "poppler", 80, pages=(3, 6))
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(ours, job, strict=True))


def test_no_name_of_a_file_or_folder_tells_who_it_is_for(morning: Path) -> None:
    names = " ".join(str(path.relative_to(morning)) for path in morning.rglob("*"))
    for person in PEOPLE:
        assert person["mrn"].lstrip("0") not in names or len(person["mrn"].lstrip("0")) < 4
        assert not any(part.lower() in names.lower() for part in person["name"].split())
    for name in ("manifest.jsonl", "plates.jsonl", "batch.json"):
        text = (morning / name).read_text(encoding="utf-8")
        assert not any(person["name"] in text or f'"{person["mrn"]}"' in text for person in PEOPLE)


def test_files_are_their_owners_only(morning: Path) -> None:
    for path in (morning, *morning.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_nothing_about_a_patient_comes_into_the_cache(morning: Path, cache: Path) -> None:
    assert morning.is_dir()
    kept = b"".join(path.read_bytes() for path in cache.rglob("*") if path.is_file())
    assert len(kept) > 100_000
    for person in PEOPLE:
        assert person["name"].encode() not in kept
        assert person["name"].encode("utf-16-be").hex().upper().encode() not in kept


def test_a_bad_row_is_refused_with_its_reason_and_the_others_go_on(run: Run, tmp_path: Path) -> None:
    rows = [
        PEOPLE[0],
        row("0000020", "Ida Muster", procedure="brain surgery"),
        row("0000021", "=cmd()", born="04/05/1961"),
        row("0000022", "முருகன்"),
        row("0000023", "Eva Tester", side="top"),
        PEOPLE[4],
    ]
    code, said, told = run(roster(tmp_path / "roster.csv", rows), tmp_path / "out")
    assert code == ROWS_REFUSED
    assert "4 refused" in told
    assert str(tmp_path / "out" / "refused.csv") in said.splitlines()
    with (tmp_path / "out" / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        refused = list(csv.DictReader(file))
    assert [one["row"] for one in refused] == ["3", "4", "5", "6"]
    for one, reason in zip(refused, ("no packet is named so", "birth_date", "TAMIL", "choices"), strict=True):
        assert reason in one["reason"]
    assert refused[1]["name"] == "'=cmd()"
    assert refused[0]["mrn"] == "0000020"
    assert {one["mrn"] for one in index(tmp_path / "out")} == {PEOPLE[0]["mrn"], PEOPLE[4]["mrn"]}
    assert "Muster" not in told + said


@pytest.mark.soak
def test_a_value_without_room_is_rendered_for_its_patient_and_the_manifest_says_so(run: Run, tmp_path: Path) -> None:
    site = " and ".join(["the outer side of the left knee"] * 12)
    rows = [row("0000030", "Ida Muster", site=site), PEOPLE[0]]
    code, _, told = run(roster(tmp_path / "roster.csv", rows), tmp_path / "out", "--merge", "print.pdf")
    assert code == 0, told
    again = {one["row"]: one["rendered_anew"] for one in manifest(tmp_path / "out") if one["kind"] == "consent"}
    assert again == {2: {"encounter.site": "no room in its box"}, 3: {}}
    for file in (tmp_path / "out" / str(one["file"]) for one in manifest(tmp_path / "out") if one["row"] == 2):
        if "packets" in str(file):
            assert extract.missing_paragraphs([site], extract.poppler_pages(file)) == []
    assert extract.missing_paragraphs([site], extract.poppler_pages(tmp_path / "out" / "print.pdf")) == []


def test_a_release_refuses_rows_that_would_get_a_draft(run: Run, tmp_path: Path) -> None:
    code, _, told = run(roster(tmp_path / "roster.csv", PEOPLE[:2]), tmp_path / "out", "--release")
    assert code == ROWS_REFUSED
    assert "0 rows printed" in told
    refused = (tmp_path / "out" / "refused.csv").read_text(encoding="utf-8-sig")
    assert "the consent of neurotherapy in English is a draft" in refused


def test_a_dry_run_writes_nothing_and_says_what_would_happen(run: Run, tmp_path: Path) -> None:
    listed = roster(tmp_path / "roster.csv", [*PEOPLE, row("0000040", "Ida", procedure="unknown")])
    code, said, told = run(listed, tmp_path / "out", "--dry-run")
    assert code == ROWS_REFUSED
    assert f"{len(PEOPLE)} of {len(PEOPLE) + 1} rows would be printed, 1 refused." in said
    assert "roster.csv:10" in told
    assert not (tmp_path / "out").exists()
    code, said, _ = run(listed, tmp_path / "out", "--dry-run", "--json")
    assert json.loads(said)["documents"]["neurotherapy consent (es, draft)"] == 1


def test_a_folder_that_holds_something_else_is_left_alone(run: Run, tmp_path: Path) -> None:
    listed = roster(tmp_path / "roster.csv", PEOPLE[:1])
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Dear", encoding="utf-8")
    code, _, told = run(listed, tmp_path / "letters")
    assert (code, "is not empty" in told) == (3, True)
    assert run(listed, tmp_path / "out")[0] == 0
    code, _, told = run(listed, tmp_path / "out")
    assert (code, "--resume" in told) == (3, True)
    other = roster(tmp_path / "other.csv", PEOPLE[1:2])
    code, _, told = run(other, tmp_path / "out", "--resume")
    assert (code, "the roster changed" in told) == (3, True)
    code, _, told = run(listed, tmp_path / "out", "--resume", "--flatten")
    assert (code, "how it is printed changed" in told) == (3, True)


@pytest.mark.parametrize("changed", ["logo.svg", "notice.txt", "own.toml", "clinic.toml"])
def test_a_batch_is_not_finished_with_another_logo_notice_or_jurisdiction(
    changed: str, run: Run, tmp_path: Path
) -> None:
    """Else one folder would hold two looks. No row is printed here: what counts is noted before the first one is."""
    clinic = tmp_path / "clinic.toml"
    clinic.write_text(
        'name = "Example Clinic"\nphone = "(503) 691-2000"\njurisdiction = "own.toml"\n'
        'language_notice = "notice.txt"\n[brand]\nlogo = "logo.svg"\n'
    )
    (tmp_path / "logo.svg").write_text(LOGO)
    (tmp_path / "notice.txt").write_text("You can have this read to you.\n")
    (tmp_path / "own.toml").write_text('[rules]\nL01 = {weight = "warning", reason = "an example"}\n')
    listed = roster(tmp_path / "roster.csv", [row("0000040", "Ida", procedure="unknown")])
    options = ("--clinic", str(clinic))
    assert run(listed, tmp_path / "out", *options)[0] == ROWS_REFUSED
    assert run(listed, tmp_path / "out", *options, "--resume")[0] == ROWS_REFUSED
    path = tmp_path / changed
    path.write_text(path.read_text().replace("example", "other").replace("You", "Here you").replace("r='4'", "r='3'"))
    if changed == "clinic.toml":
        clinic.write_text(clinic.read_text().replace("2000", "2001"))
    code, _, told = run(listed, tmp_path / "out", *options, "--resume")
    assert (code, "holds another batch: the clinic changed" in told) == (3, True)


def test_what_was_finished_is_not_made_again(run: Run, tmp_path: Path) -> None:
    listed = roster(tmp_path / "roster.csv", PEOPLE)
    assert run(listed, tmp_path / "out")[0] == 0
    before = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (tmp_path / "out").rglob("*.pdf")}
    code, _, told = run(listed, tmp_path / "out", "--resume")
    assert (code, f"{len(PEOPLE)} of all rows were finished before" in told) == (0, True)
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in before} == before


def test_weasyprint_is_not_needed_for_a_batch_whose_forms_were_rendered_before(
    morning: Path, cache: Path, tmp_path: Path
) -> None:
    assert morning.is_dir()
    listed = roster(tmp_path / "roster.csv", [row(f"77{n:05d}", f"Somebody {n}", side="right") for n in range(5)])
    arguments = ["batch", str(listed), "--out", str(tmp_path / "out"), "--cache", str(cache), "--today", TODAY]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*blocked.without("weasyprint"), *arguments, "--merge", "print.pdf"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(index(tmp_path / "out")) == 10


@pytest.mark.soak
def test_a_sample_of_ten_thousand_files_is_right_in_every_way(cache: Path, tmp_path: Path) -> None:
    """Both standards, qpdf, every value, the codes, and every pixel of a full rendering: 300 files of 10,000."""
    chance = random.Random(20261122)
    rows = many(10_000, chance)
    listed = roster(tmp_path / "roster.csv", rows)
    out = tmp_path / "out"
    assert main(["batch", str(listed), "--out", str(out), "--cache", str(cache), "--today", TODAY]) == 0
    chosen = chance.sample([one for one in index(out) if "consent" in one["document"]], 300)
    found = verapdf.validate([out / one["file"] for one in chosen])
    assert [path for path, faults in found.items() if faults] == []
    for one in chosen:
        check_one(out / one["file"], rows[int(one["row"]) - 2], tmp_path)


def many(number: int, chance: random.Random) -> list[dict[str, str]]:
    """Invented people: names of several scripts and lengths, all languages and sides."""
    given = ("Ann", "Zoë", "Đặng Thị", "José", "Łukasz", "Ольга", "Ελένη", "O", "Maximiliane-Konstanze", "Nguyễn")
    family = ("Example", "Muster", "Ánh", "Ejemplo", "Żółkiewska", "Пример", "Δείγμα", "von und zu Tester-Sample", "")
    return [
        row(
            f"{place:07d}",
            f"{chance.choice(given)} {chance.choice(family)}".strip(),
            f"{chance.randint(1930, 2010)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
            language=chance.choice(("en", "en", "en", "es", "vi", "so", "")),
            side=chance.choice(("left", "right", "both", "")),
            site=chance.choice(("Knee", "Back of the neck", "Épaule", "")),
        )
        for place in range(number)
    ]


def check_one(file: Path, person: Mapping[str, str], folder: Path) -> None:
    """One filled form against its row, and against a form that was rendered for this patient alone."""
    assert subprocess.run(["qpdf", "--check", file], capture_output=True, check=False).returncode == 0
    found = values(file)
    assert (found["patient.name"], found["patient.mrn"]) == (person["name"], person["mrn"])
    assert found["encounter.site"] == person["site"]
    read = codes.read_codes(file, 2)
    assert len(read) == 2
    assert read[0].text.split()[-1].startswith("2/")
    order = forms.order()
    documents, _ = library.read_library(ROOT / "handouts", ["neurotherapy"])
    language = person["language"] if person["language"] in {one.language for one in documents} else "en"
    form = next(one for one in documents if one.kind.is_form and one.language == language)
    facts = {"patient.name": person["name"], "patient.birth_date": person["birth_date"], "patient.mrn": person["mrn"]}
    facts |= {"encounter.site": person["site"], "encounter.side": person["side"]}
    facts |= {"clinician.name": "Ada Example", "clinician.credential": "ND"}
    encounter = library.encounter_of({k: v for k, v in facts.items() if v}, "test", form, order.fonts[0])
    full = folder / "full.pdf"
    full.write_bytes(produce(replace(order, document=form, rendition=Rendition.FILLABLE, encounter=encounter)).pdf)
    ours, theirs = (paint.paint(one, "poppler", 70) for one in (file, full))
    assert all(np.array_equal(mine, other) for mine, other in zip(ours, theirs, strict=True))
