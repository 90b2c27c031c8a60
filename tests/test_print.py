"""`print` sends what `build` would write, to a real CUPS server with real IPP printers, and tells how it goes."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinicpress.cli import installation, main, printing
from clinicpress.destinations.printer import GAPS
from clinicpress.printers import PrintServer, sentences
from tests.instruments.extract import pdfium_pages
from tests.instruments.paint import TOLERANCE, paint, worst
from tests.instruments.printshop import PrintShop, deaf_line, print_shop, until

CANARY = "Zoë Kuckucksei"
CONSENT = ["neurotherapy", "--kind", "consent", "--lang", "en", "--set", f"patient.name={CANARY}"]


@pytest.fixture(scope="module")
def opened() -> Iterator[PrintShop]:
    with print_shop(("Desk", "Back")) as one:
        yield one


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def shop(opened: PrintShop, cache: str, monkeypatch: pytest.MonkeyPatch) -> PrintShop:
    """The shop, where a layout is made once for all tests."""
    monkeypatch.setenv("CUPS_SERVER", str(opened.socket))
    monkeypatch.setenv("CLINICPRESS_CACHE", cache)
    return opened


def test_a_patients_form_is_printed_as_it_is_built_and_paper_out_is_told(
    shop: PrintShop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", *CONSENT, "--flatten", "--out", str(tmp_path)]) == 0
    built = Path(capsys.readouterr().out.splitlines()[0])
    desk = shop.printer("Desk")
    desk.run_out_of_paper()
    server = PrintServer(str(shop.socket), shop.user)

    def fetch_paper() -> None:
        until(
            lambda: sentences.NO_PAPER in {sentences.told(one) for one in server.printers()}, "the printer's call", 60
        )
        threading.Event().wait(2 * GAPS[0][1])
        desk.put_paper_in()

    colleague = threading.Thread(target=fetch_paper)
    colleague.start()
    code = main(["print", *CONSENT, "--copies", "2"])
    colleague.join()
    said = capsys.readouterr()
    assert (code, said.out) == (0, "Desk-1\n")
    assert f"Desk-1: {sentences.NO_PAPER}\n" in said.err
    came = tmp_path / "came.pdf"
    came.write_bytes(desk.wait_for(1)[0])
    assert CANARY in " ".join(pdfium_pages(came)).replace("\n", " ")
    assert worst(paint(came, "pdfium", 72), paint(built, "pdfium", 72)) <= TOLERANCE
    (asked,) = desk.options()
    assert (asked["job-name"], asked["sides"], asked["copies"]) == (
        *("neurotherapy consent.en", "two-sided-long-edge", "2"),
    )
    told = list(installation.journal().entries())
    assert [str(one.did) for one in told[-3:]] == ["printing", "sent", "printed"]
    assert told[-2].facts["job"] == 1
    assert {one.who for one in told[-3:]} == {installation.account()}
    assert installation.journal().check() == []
    for word in CANARY.split():
        assert word not in said.out + said.err + shop.logs() + repr(told)


def test_json_names_the_jobs(shop: PrintShop, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["neurotherapy", "--kind", "handout", "--lang", "en", "--printer", "Back", "--duplex", "off", "--json"]
    assert main(["print", *given]) == 0
    (job,) = json.loads(capsys.readouterr().out)["jobs"]
    assert job["printer"] == "Back"
    assert (job["kind"], job["pages"], job["copies"], job["state"]) == ("handout", 2, 1, "done")
    assert shop.printer("Back").options()[-1]["sides"] == "one-sided"


def test_printers_are_listed(shop: PrintShop, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["print", "--list"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [row[:6] for row in told] == ["* Desk", "  Back"]
    assert all(sentences.READY in row for row in told)
    assert main(["print", "--list", "--json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["Desk", "Back"]


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        ([], 3, "Name what is to be printed"),
        (["neurotherapy", "--printer", "Dsk"], 3, "Did you mean 'Desk'?"),
        (["neurotherapy", "--copies", "0"], 3, "--copies"),
        (["neurotherapy", "--kind", "consent", "--release"], 2, "Nothing was printed"),
        (["nothing"], 3, "nothing"),
    ],
    ids=["no topic", "unknown printer", "no copies", "draft", "unknown topic"],
)
def test_what_cannot_be_printed_is_told_and_nothing_is_sent(
    given: list[str], code: int, sentence: str, shop: PrintShop, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.ask("lpstat", "-W", "all", "-o")
    assert main(["print", *given]) == code
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""
    assert shop.ask("lpstat", "-W", "all", "-o") == before


def test_without_cups_a_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "cups.sock"))
    for given in (["neurotherapy"], ["--list"]):
        assert main(["print", *given]) == 3
        assert "Install or start it" in capsys.readouterr().err


def test_without_a_usual_printer_the_printers_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with print_shop(("Left", "Right"), default=False) as shop:
        monkeypatch.setenv("CUPS_SERVER", shop.address)
        assert main(["print", "neurotherapy"]) == 3
        assert "No printer is the usual one. Choose one of these: Left, Right." in capsys.readouterr().err


def test_the_journal_tells_of_each_end_what_is_known_of_it(
    shop: PrintShop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leaflet = ["print", "neurotherapy", "--kind", "handout", "--lang", "en", "--printer", "Back"]

    def ends(number: int) -> list[tuple[str, object]]:
        return [(str(one.did), one.facts.get("reason")) for one in installation.journal().entries(number)]

    def cancel() -> None:
        until(lambda: "Back-" in shop.ask("lpstat", "-o", "Back"), "the job")
        shop.ask("cancel", shop.ask("lpstat", "-o", "Back").split()[0])

    shop.ask("cupsdisable", "Back")
    colleague = threading.Thread(target=cancel)
    colleague.start()
    assert main(leaflet) == 3
    colleague.join()
    shop.ask("cupsenable", "Back")
    assert ends(3) == [("printing", None), ("sent", None), ("cancelled", "elsewhere")]
    before = len(shop.received("Back"))
    with deaf_line(shop) as line:
        monkeypatch.setenv("CUPS_SERVER", line)
        assert main(leaflet) == 3
    assert "did not say whether it took the pages. Look whether sheets come out" in capsys.readouterr().err
    assert ends(2) == [("printing", None), ("perhaps-printed", "untold")]
    assert shop.printer("Back").wait_for(before + 1), "it did come out"


def test_a_job_that_nobody_attends_to_is_named_with_the_way_to_give_it_up(
    shop: PrintShop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(printing, "PATIENCE", 0.5)
    shop.ask("cupsdisable", "Back")
    assert main(["print", "neurotherapy", "--kind", "handout", "--lang", "en", "--printer", "Back"]) == 3
    said = capsys.readouterr()
    name = said.out.strip()
    assert f"{sentences.PAUSED} These jobs still wait: {name}. To give one up: cancel {name}\n" in said.err
    shop.ask("cancel", name)
    shop.ask("cupsenable", "Back")
