"""What the server of the front desk loads: it touches no content, its workers do (house rule V6)."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.instruments.desk import PATIENCE, ROOT, front_desk
from tests.test_desk_prepare import GOOD

READERS = ("clinicpress.lint", "clinicpress.library.markdown", "markdown_it", "weasyprint", "pikepdf")
"""What reads texts, looks at them, and sets them in pages."""
TELL = "TOLD = __import__('signal').signal({signal}, lambda *_: open({file!r}, 'w').write('\\n'.join(sys.modules)))"


def readers_in(modules: str) -> list[str]:
    return [one for one in modules.split() if any(one == reader or one.startswith(f"{reader}.") for reader in READERS)]


def test_the_modules_of_the_server_load_no_reader_of_texts() -> None:
    asked = "import sys; from clinicpress.desk import application; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "clinicpress.desk.pages.today" in ran.stdout.split()
    assert readers_in(ran.stdout) == []


def test_a_server_that_has_answered_has_loaded_no_reader_of_texts(tmp_path: Path) -> None:
    told = tmp_path / "modules"
    with front_desk(tmp_path, wire=TELL.format(signal=int(signal.SIGUSR1), file=str(told))) as desk:
        visitor = desk.visitor().sign_in("Rosa Desk")
        assert [visitor.get(page).status for page in ("/", "/prepare", "/today")] == [200, 200, 200]
        packet = visitor.post("/prepare", GOOD).place
        assert visitor.get(f"{packet}/print.pdf").body.startswith(b"%PDF")
        desk.process.send_signal(signal.SIGUSR1)
        end = time.monotonic() + PATIENCE
        while not told.exists() or not told.read_text().strip():
            assert time.monotonic() < end
            time.sleep(0.02)
    assert "clinicpress.desk.application" in told.read_text().split()
    assert readers_in(told.read_text()) == []


def test_a_reader_is_found_among_modules() -> None:
    assert readers_in("clinicpress.linted clinicpress.lint.rules markdown_it") == [
        "clinicpress.lint.rules",
        "markdown_it",
    ]
