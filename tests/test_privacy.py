"""No output tells where, when or by whom it was made; nobody else can read it; and nothing is left behind.

A canary stands in every place that a program could pick up by itself (user, host, home, folders, other variables of
the environment), and the outputs are searched for it as deep as they go: raw bytes, every stream, every string.
"""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest

from clinicpress import files
from tests.instruments.extract import pdfium_pages
from tests.instruments.traces import told

ROOT = Path(__file__).parents[1]
CANARY = "Kuckucksei"
SPOKEN = re.compile(CANARY, re.IGNORECASE)
LEFT_OUT = {".git", ".venv", "out", "node_modules", "tests", "bench", "docs", "__pycache__"}


# A machine full of canaries -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """A build on a machine whose every name is a canary."""

    tree: Path
    temp: Path
    code: int
    said: str
    told: str

    @property
    def outputs(self) -> list[Path]:
        return sorted(path for path in (self.tree / "out").rglob("*") if path.is_file())


def environment(home: Path, temp: Path) -> dict[str, str]:
    """Variables that programs like to read, each with the canary; and what Python and the loader need to run at all."""
    names = ["USER", "LOGNAME", "USERNAME", "LNAME", "HOSTNAME", "HOST", "COMPUTERNAME", "NAME", "EMAIL", "REAL_NAME"]
    names += ["ORGANIZATION", "GIT_AUTHOR_NAME", "SUDO_USER", "SSH_CLIENT", "LC_CANARY", "PRINTER", "SECRET_TOKEN"]
    canaries = {name: f"{CANARY}-{name.lower()}" for name in names}
    folders = {"HOME": home, "XDG_CACHE_HOME": home / "cache", "XDG_CONFIG_HOME": home / "config", "TMPDIR": temp}
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return kept | canaries | {name: str(folder) for name, folder in folders.items()}


def copy_of_the_tree(parent: Path) -> Path:
    """The product in a folder whose name is a canary."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if name in LEFT_OUT or name.endswith("_cache")}

    return Path(shutil.copytree(ROOT, parent / f"{CANARY}-folder", ignore=left_out))


def run(tree: Path, *arguments: str, temp: Path) -> Run:
    home = tree.parent / f"{CANARY}-home"
    for folder in (home, temp):
        folder.mkdir(exist_ok=True)
    answer = subprocess.run(
        [sys.executable, "-B", "generate.py", *arguments],
        cwd=tree,
        env=environment(home, temp),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        umask=0,  # what the press protects, it protects itself
    )
    return Run(tree, temp, answer.returncode, answer.stdout, answer.stderr)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The library as `python generate.py` prints it, on the machine of canaries."""
    parent = tmp_path_factory.mktemp("private")
    tree = copy_of_the_tree(parent)
    finished = run(tree, temp=parent / f"{CANARY}-temp")
    assert finished.code == 0, finished.told
    assert len([path for path in finished.outputs if path.suffix == ".pdf"]) >= 2
    return finished


def test_no_output_tells_who_made_it_or_where(made: Run) -> None:
    assert [place for path in made.outputs for place in told(path, SPOKEN)] == []


def test_nothing_that_is_said_tells_who_made_it_or_where(made: Run) -> None:
    assert made.said
    assert SPOKEN.findall(made.said + made.told) == []


def test_no_file_name_tells_who_made_it(made: Run) -> None:
    names = [str(path.relative_to(made.tree)) for path in (made.tree / "out").rglob("*")]
    assert len(names) >= 4
    assert [name for name in names if SPOKEN.search(name)] == []


# Paths as such, of this machine or any other. A name of a PDF, /Type, is not one: a path has a second stroke.
MACHINE_PATH = re.compile(
    r"(?<![\w:/.])/(?:root|home|tmp|work|usr|var|opt|etc|private|Users)/[\w.-]+|\b[A-Z]:\\\w+|file://|\\\\\w+\\\w+"
)


def test_no_output_holds_a_path_of_a_machine(made: Run) -> None:
    plain = [path for path in made.outputs if path.suffix == ".json"]
    assert plain
    assert [place for path in plain for place in told(path, MACHINE_PATH)] == []
    for path in made.outputs:
        if path.suffix == ".pdf":
            with pikepdf.open(path) as pdf:
                texts = [bytes(pdf.Root.Metadata.read_bytes()).decode(), str(dict(pdf.docinfo.items()))]
                texts += [one.get_file().read_bytes().decode() for one in pdf.attachments.values()]
            assert len(texts) == 3
            assert MACHINE_PATH.findall("\n".join([*texts, *pdfium_pages(path)])) == []
    assert MACHINE_PATH.findall(made.said + made.told) == []


@pytest.mark.soak
def test_no_output_tells_the_time_at_which_it_was_made(made: Run, tmp_path: Path) -> None:
    """Printed again later, from another folder, by someone else: the same bytes."""
    tree = copy_of_the_tree(tmp_path)
    again = run(tree, temp=tmp_path / "temp")
    assert again.code == 0
    for first, second in zip(made.outputs, again.outputs, strict=True):
        assert first.relative_to(made.tree) == second.relative_to(tree)
        assert first.read_bytes() == second.read_bytes()


def test_a_build_leaves_nothing_in_the_temporary_folder_and_its_cache_with_its_key_alone_in_the_home(
    made: Run,
) -> None:
    assert made.temp.is_dir()
    assert list(made.temp.rglob("*")) == []
    home = made.tree.parent / f"{CANARY}-home"
    kept = [path for path in home.rglob("*") if path.is_file()]
    key = home / ".local" / "share" / "clinicpress" / "cache.key"
    assert key in kept
    assert {path.relative_to(home).parts[:2] for path in kept if path != key} == {("cache", "clinicpress")}


def test_a_build_writes_into_its_output_folder_and_nowhere_else(made: Run, tmp_path: Path) -> None:
    before = {str(path.relative_to(ROOT)) for path in _files(ROOT)}
    after = {str(path.relative_to(made.tree)) for path in _files(made.tree)}
    assert len(after) > 50
    assert after - before == set()


def _files(tree: Path) -> Iterator[Path]:
    for folder, names, found in os.walk(tree):
        names[:] = [name for name in names if name not in LEFT_OUT and not name.endswith("_cache")]
        yield from (Path(folder) / file for file in found)


@pytest.mark.parametrize("end", ["refused content", "a page that does not render"])
def test_a_build_that_fails_leaves_nothing_behind_either(end: str, tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    if end == "refused content":
        text = next(tree.glob("handouts/*/handout.en.md"))
        text.write_text(text.read_text().replace("{#benefits}", ""))
    else:
        with (tree / "templates" / "page.css").open("a") as style:
            style.write("p { no-such-property: 1 }\n")
    failed = run(tree, temp=tmp_path / f"{CANARY}-temp")
    assert failed.code == (2 if end == "refused content" else 4)
    assert failed.said == ""
    assert list(failed.temp.rglob("*")) == []
    assert failed.outputs == []
    assert SPOKEN.findall(failed.told) == []


# Who may read it ----------------------------------------------------------------------------------------------------


def modes(folder: Path) -> Mapping[str, str]:
    return {
        str(path.relative_to(folder.parent)): f"{stat.S_IMODE(path.stat().st_mode):04o}"
        for path in [folder, *folder.rglob("*")]
    }


def test_files_are_their_owners_own_and_so_are_folders(made: Run) -> None:
    """Even where the umask lets everybody read and write."""
    found = modes(made.tree / "out")
    assert len(found) >= 5
    assert {name: mode for name, mode in found.items() if mode != ("0600" if "." in name else "0700")} == {}


def test_every_folder_on_the_way_to_a_file_is_its_owners_own(tmp_path: Path) -> None:
    """Whoever calls it: `files.write` does not count on the umask that the command line sets."""
    before = os.umask(0)
    try:
        files.write(tmp_path / "out" / "topic" / "file.pdf", b"x")
    finally:
        os.umask(before)
    assert modes(tmp_path / "out") == {"out": "0700", "out/topic": "0700", "out/topic/file.pdf": "0600"}


def test_a_file_that_others_could_read_is_replaced_by_one_that_they_cannot(tmp_path: Path) -> None:
    path = tmp_path / "file.pdf"
    path.write_bytes(b"old")
    path.chmod(0o644)
    files.write(path, b"new")
    assert modes(path) == {"file.pdf": "0600"}


# What the project itself tells --------------------------------------------------------------------------------------

# Tests hold made-up paths. (Split, so that this file does not hold what it looks for.)
PLACES = [f"/{name}/" for name in ("root", "home", "tmp", "work", "Users")] + ["\\Users\\", "/var/folders/"]
INDEXES = [
    "pypi" + ".org/simple",
    "files.python" + "hosted.org",
    "registry." + "npmjs.org",
    "registry." + "yarnpkg.com",
]
INDEXES += ["--index" + "-url", "--extra-index" + "-url", "index" + "_url", "test.pypi" + ".org", "artifact" + "ory"]


def tracked() -> list[Path]:
    """The files of the project; without git, those that lie there and are not made."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    if (ROOT / ".git").exists():
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout:
            return [ROOT / name for name in answer.stdout.splitlines() if (ROOT / name).is_file()]
    made = {".git", ".venv", "out", "node_modules", "differences", "__pycache__", ".hypothesis"}
    paths = (path for path in sorted(ROOT.rglob("*")) if path.is_file())
    return [p for p in paths if not any(part in made or part.endswith("_cache") for part in p.relative_to(ROOT).parts)]


def holding(words: list[str], paths: list[Path]) -> list[str]:
    """Which files hold a word. A path of a machine begins one: "./work/" and "https://a.example/home/" are none."""
    found = []
    for path in paths:
        data = path.read_bytes()
        near = [word for word in words if word.encode() in data]
        begun = [word for word in near if re.search(rb"(?<![\w.:/~*-])" + re.escape(word.encode()), data)]
        found += [f"{path.name}: {word}" for word in begun]
    return found


def test_no_file_of_the_project_names_a_place_on_a_machine() -> None:
    files = [path for path in tracked() if "tests" not in path.relative_to(ROOT).parts]
    assert len(files) > 60
    assert holding(PLACES, files) == []


def test_no_file_of_the_project_names_a_package_index() -> None:
    files = tracked()
    assert len(files) > 60
    assert any(path.name == "package-lock.json" for path in files)
    assert holding(INDEXES, files) == []


def test_no_file_of_the_project_names_this_machine_or_its_user() -> None:
    """Names as short or as common as `root` and `debian` say nothing; others do."""
    names = {os.uname().nodename, Path.home().name, os.environ.get("USER", "")}
    telling = [name for name in names if len(name) > 6 and name not in ("localhost", "debian", "ubuntu", "runner")]
    files = tracked()
    assert [str(path) for path in files for name in telling if name.encode() in path.read_bytes()] == []


# The search finds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["words", "compressed", "title", "attachment", "attachment name", "name", "string"])
def test_the_search_finds_a_canary_in(place: str, made: Run, tmp_path: Path) -> None:
    source = next(path for path in made.outputs if path.name == "handout.en.pdf")
    path = tmp_path / "file.pdf"
    with pikepdf.open(source) as pdf:
        match place:
            case "compressed":
                pdf.Root.Extra = pdf.make_stream(f"by {CANARY}".encode())
            case "title":
                pdf.docinfo["/Title"] = pikepdf.String(f"{CANARY} ü€")  # is written in UTF-16
            case "attachment":
                pdf.attachments["a.txt"] = f"/home/{CANARY}".encode()
            case "attachment name":
                pdf.attachments[f"{CANARY}.txt"] = b"x"
            case "name":
                pdf.Root[f"/{CANARY}"] = True
            case "string":
                pdf.Root.Deep = pikepdf.Array([pikepdf.Dictionary(A=pikepdf.Array([pikepdf.String(CANARY)]))])
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True)
    if place == "words":
        assert told(path, re.compile("neurotherapy"))
    else:
        assert CANARY.encode() not in path.read_bytes(), "a plain search would have found it as well"
        assert told(path, SPOKEN)


def test_the_search_finds_places_and_indexes(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text(f"see /home/someone and {INDEXES[2]}/left-pad\n")
    assert holding(PLACES, [path]) == ["file.txt: /home/"]
    assert holding(INDEXES, [path]) == [f"file.txt: {INDEXES[2]}"]
    assert MACHINE_PATH.findall('{"file": "/root/out/a.pdf"} C:\\Users') == ["/root/out", "C:\\Users"]
