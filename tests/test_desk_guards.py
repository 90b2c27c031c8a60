"""The front desk answers nobody but the browsers that were let in, and does nothing that another site sends it."""

import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from clinicpress.desk.sessions import LONGEST_WAIT, KnownBrowsers, Sessions, Tries
from clinicpress.desk.state import Settings
from clinicpress.record import Database
from clinicpress.record.people import Person, Role
from tests.instruments.browser import COMPLAINTS, let_in, signed_in
from tests.instruments.desk import PASSPHRASE, ROOT, FrontDesk, Visitor, entries, free_port, front_desk
from tests.instruments.tools import program
from tests.instruments.traces import saying, traces
from tests.lint.shelf import forked

LONG = "x" * 5000
CANARY = "Zanahoria"
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def raw(desk: FrontDesk, sent: bytes, patience: float = 5.0) -> bytes:
    """What the desk answers to these very bytes."""
    with socket.create_connection(("127.0.0.1", desk.port), patience) as wire:
        wire.sendall(sent)
        answer = b""
        try:
            while piece := wire.recv(65536):
                answer += piece
                if answer.startswith(b"HTTP/1.1 100"):
                    continue
                head, end, body = answer.partition(b"\r\n\r\n")
                size = re.search(rb"content-length: (\d+)", head.lower())
                if end and size and len(body) >= int(size[1]):
                    break
        except (TimeoutError, ConnectionError):
            pass
        return answer


def status(answer: bytes) -> int:
    """The number that an answer begins with; 0 where there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


def assert_guarded(headers: Mapping[str, str]) -> None:
    """Fails unless an answer says everything to the browser that each of ours has to say."""
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "server" not in headers


@pytest.fixture(scope="module")
def visitor(desk: FrontDesk) -> Visitor:
    """Somebody at the library, signed in."""
    return desk.visitor().sign_in("Rosa Desk")


# Who may call ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hosts",
    [
        ["evil.example"],
        ["evil.example:{port}"],  # DNS rebinding: the name leads to this machine
        ["127.0.0.1:1"],
        ["127.0.0.1"],
        ["127.0.0.1.:{port}"],
        ["localhost.:{port}"],
        ["127.0.0.2:{port}"],
        ["[::1]:{port}"],
        ["0.0.0.0:{port}"],
        ["2130706433:{port}"],
        ["user@127.0.0.1:{port}"],
        ["127.0.0.1:{port}, evil.example"],
        [""],
        [],
        ["127.0.0.1:{port}", "127.0.0.1:{port}"],
        ["127.0.0.1:{port}", "evil.example"],
    ],
    ids=str,
)
def test_only_the_exact_name_of_the_desk_is_answered(desk: FrontDesk, visitor: Visitor, hosts: list[str]) -> None:
    lines = "".join(f"Host: {one.format(port=desk.port, quick=True)}\r\n" for one in hosts)
    version = "1.1" if hosts else "1.0"
    answer = raw(desk, f"GET / HTTP/{version}\r\n{lines}Cookie: {visitor.cookie}\r\n\r\n".encode())
    assert status(answer) in ((400, 421) if len(hosts) > 1 or hosts == [""] else (421,))
    assert b"data-card" not in answer


@pytest.mark.parametrize("target", ["http://evil.example/", "http://127.0.0.1:{port}/", "*", "evil.example:443"])
def test_a_target_that_names_a_host_is_not_ours(desk: FrontDesk, visitor: Visitor, target: str) -> None:
    lines = f"Host: 127.0.0.1:{desk.port}\r\nCookie: {visitor.cookie}\r\n\r\n"
    assert status(raw(desk, f"GET {target.format(port=desk.port, quick=True)} HTTP/1.1\r\n{lines}".encode())) == 421


def test_both_names_of_this_machine_are_answered_in_any_case_of_letters(desk: FrontDesk, visitor: Visitor) -> None:
    assert visitor.get("/", Host=f"LocalHost:{desk.port}").status == 200


def test_the_desk_listens_on_this_machine_only(desk: FrontDesk) -> None:
    listening = subprocess.run([program("ss", "iproute2"), "-ltn"], capture_output=True, text=True, check=True).stdout
    found = [line.split()[3] for line in listening.splitlines() if line.split()[3].endswith(f":{desk.port}")]
    assert found == [f"127.0.0.1:{desk.port}"]


# Forms ----------------------------------------------------------------------------------------------------------------

ELSEWHERE: list[dict[str, str]] = [
    {"Origin": "http://evil.example"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "https://127.0.0.1:{port}"},
    {"Origin": "http://localhost:{port}"},
    {"Origin": "http://127.0.0.1:{port}.evil.example"},
    {"Origin": "127.0.0.1:{port}"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "null", "Sec-Fetch-Site": "none"},
    {"Origin": "null", "Sec-Fetch-Site": "same-site"},
    {"Origin": "http://127.0.0.1:{port}", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"Origin": "http://127.0.0.1:{port}", "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
def test_a_form_from_elsewhere_does_nothing(desk: FrontDesk, visitor: Visitor, headers: dict[str, str]) -> None:
    sent = {name: value.format(port=desk.port, quick=True) for name, value in headers.items()}
    before, cookie = entries(desk), visitor.cookie
    for path in ("/packets", "/sign-out", "/language", "/"):
        answer = visitor.post(path, {"document": "neurotherapy/handout/en", "language": "es"}, **sent)
        assert (answer.status, answer.place) == (403, "")
        assert_guarded(answer.headers)
    assert (entries(desk), visitor.cookie) == (before, cookie)
    assert visitor.get("/").status == 200
    assert 'lang="en"' in visitor.get("/").text


def test_a_form_without_an_origin_does_nothing(desk: FrontDesk, visitor: Visitor) -> None:
    lines = f"Host: 127.0.0.1:{desk.port}\r\nCookie: {visitor.cookie}\r\nContent-Type: "
    body = f"token={visitor.token}"
    sent = f"POST /sign-out HTTP/1.1\r\n{lines}application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    assert status(raw(desk, f"{sent}\r\n{body}".encode())) == 403
    assert visitor.get("/").status == 200


def test_a_browsers_word_that_a_form_is_ours_counts_where_it_hides_the_origin(visitor: Visitor) -> None:
    assert visitor.post("/", {}, **{"Origin": "null", "Sec-Fetch-Site": "same-origin"}).status == 200


def test_a_form_needs_the_token_of_this_very_session(desk: FrontDesk) -> None:
    first, second = desk.visitor(), desk.visitor()
    first.get("/sign-in"), second.get("/sign-in")
    name = {"name": "Rosa Desk", "passphrase": PASSPHRASE}
    for token in ("", "x", second.token, first.token + "x", first.token.swapcase(), "ſ" * 43):
        answer = first.post("/sign-in", {**name, "token": token})
        assert answer.status == 403
    early = first.token
    first.sign_in("Rosa Desk")
    assert first.token != early
    assert first.post("/", {"token": early}).status == 403
    assert first.post("/", {"token": [early, first.token]}).status == 403
    assert first.post("/").status == 200
    assert first.ask("POST", "/", b"", {"Origin": desk.address}).status == 400


@pytest.mark.parametrize("path", ["/sign-out", "/language"])
def test_what_a_form_does_no_link_does(visitor: Visitor, path: str) -> None:
    answer = visitor.get(f"{path}?token={visitor.token}&language=es")
    assert answer.status == 405
    assert "POST" in answer.headers["allow"]
    assert visitor.get("/").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "GETS"])
def test_no_other_method_does_anything(visitor: Visitor, method: str) -> None:
    for path in ("/", "/packets", "/sign-in", "/static/desk.css", "/open/x", "/nowhere"):
        answer = visitor.ask(method, path)
        assert answer.status == 405
        assert_guarded(answer.headers)
        assert "access-control-allow-origin" not in answer.headers


def test_nobody_connects_through_the_desk(desk: FrontDesk) -> None:
    host = f"Host: 127.0.0.1:{desk.port}\r\n"
    assert status(raw(desk, f"CONNECT 127.0.0.1:22 HTTP/1.1\r\n{host}\r\n".encode())) in (400, 405, 421)
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n"
    assert status(raw(desk, f"GET / HTTP/1.1\r\n{host}{upgrade}\r\n".encode())) == 403


# Sessions -------------------------------------------------------------------------------------------------------------


def test_a_browser_that_was_not_let_in_sees_nothing(desk: FrontDesk) -> None:
    for cookie in (
        "",
        "clinicpress=",
        "clinicpress=x",
        'clinicpress="\\',
        "clinicpress=" + LONG,
        "a=b; ;=;clinicpress",
    ):
        stranger = Visitor(desk.port)
        stranger.cookie = cookie
        for path in ("/", "/sign-in", "/packets/x", "/library/neurotherapy/handout/en/picture.png", "/nowhere"):
            answer = stranger.get(path)
            assert answer.status == 403
            assert "neurotherapy" not in answer.text
            assert_guarded(answer.headers)
        assert stranger.post("/sign-in", {"name": "Rosa Desk", "passphrase": PASSPHRASE}).status == 403


def test_a_browser_that_was_let_in_sees_nothing_before_somebody_signs_in(desk: FrontDesk) -> None:
    one = desk.visitor()
    for path in ("/", "/packets/x", "/library/neurotherapy/handout/en/picture.png", "/nowhere"):
        assert (one.get(path).status, one.get(path).place) == (303, "/sign-in")
    one.get("/sign-in")
    assert one.post("/packets", {"document": "neurotherapy/handout/en"}).place == "/sign-in"


def test_a_link_lets_one_browser_in_and_cannot_be_guessed(desk: FrontDesk) -> None:
    link = desk.link()
    first, second = Visitor(desk.port), Visitor(desk.port)
    assert first.ask("HEAD", link).status == 405  # whoever only looks whether it is there does not use it up
    opened = first.get(link)
    assert (opened.status, first.get("/sign-in").status) == (200, 200)
    assert second.get(link).status == 403
    for guess in ("x", link[6:-1], link[6:].swapcase(), "%00", "%F0%9F%92%A9", LONG, "..", "a/b", ""):
        answer = second.get(f"/open/{guess}")
        assert answer.status in (403, 404, 414)
        assert "set-cookie" not in answer.headers
        assert_guarded(answer.headers)
    assert len(link) > 30
    assert desk.link() != link


def test_the_cookie_is_for_this_desk_only_and_another_one_after_each_sign_in_and_sign_out(desk: FrontDesk) -> None:
    one = Visitor(desk.port)
    given = one.get(desk.link()).headers["set-cookie"]
    assert given.startswith("clinicpress=")
    usual = ["httponly", "path=/", "samesite=strict"]
    assert sorted(part.strip().lower() for part in given.split(";")[1:]) == usual
    assert [part.strip().lower() for part in sorted(one.mark.split(";")[1:]) if "=" not in part or "ite" in part] == [
        *("httponly", "samesite=strict"),
    ]
    assert "max-age=7776000" in one.mark.lower()
    let_in = one.cookie
    one.sign_in("Ada Example")
    inside = one.cookie
    one.post("/sign-out")
    after = one.cookie
    assert len({let_in, inside, after}) == 3
    for old in (let_in, inside):
        one.cookie = old
        assert one.get("/").status == 403
    one.cookie = after
    assert one.get("/").place == "/sign-in"


def test_who_does_nothing_for_long_is_signed_out(tmp_path: Path) -> None:
    sessions = Sessions(10)
    session = sessions.let_in(sessions.link, 0, "en")
    assert session
    session = sessions.sign_in(session, Person("x", "X", Role.DESK), "", 0)
    assert [bool(sessions.find(session.id, now) and session.person) for now in (9, 18, 27, 38)] == [True] * 3 + [False]
    with front_desk(tmp_path, settings="idle=3.0", quick=True) as desk:  # the command line asks for minutes
        one = desk.visitor()
        one.get("/sign-in")
        assert one.post("/sign-in", {"name": "Rosa Desk", "passphrase": PASSPHRASE}).status == 303
        assert one.get("/nowhere").status == 404  # a page of somebody who is signed in, at once
        assert json.loads(one.post("/stay").text)["left"] > 2.5
        end = time.monotonic() + 2.5
        while time.monotonic() < end:  # what a page asks for by itself keeps nobody signed in
            assert one.get("/session/state").status == 200
            time.sleep(0.3)
        time.sleep(0.8)
        assert one.get("/session/state").place == "/sign-in"
        assert one.post("/stay").place == "/sign-in"
        assert one.get("/").place == "/sign-in"


def test_a_browser_that_was_let_in_is_known_after_a_new_start_and_nobody_is_signed_in_there(tmp_path: Path) -> None:
    with front_desk(tmp_path, quick=True) as desk:
        one = desk.visitor().sign_in("Rosa Desk")
        mark, before = one.mark.partition(";")[0], one.cookie
        desk.kill()
    with front_desk(tmp_path, port=desk.port, quick=True) as desk:
        for forged in (mark[:-1], mark[:-1] + ("0" if mark[-1] != "0" else "1"), "", "clinicpress-browser=x.y.z"):
            one.cookie = f"{before}; {forged}"
            assert one.get("/").status == 403
        one.cookie = f"{before}; {mark}"
        assert one.post("/prepare", {"patient.name": CANARY}).status == 403
        assert one.get("/library/neurotherapy/handout/en/picture.png", **{"Sec-Fetch-Dest": "image"}).status == 403
        assert one.cookie == f"{before}; {mark}"  # neither makes a session
        assert one.get("/today").place == "/sign-in"
        assert one.cookie not in (before, f"{before}; {mark}")
        assert one.get("/today").place == "/sign-in"
        assert one.sign_in("Rosa Desk").get("/today").status == 200
    _change(desk, "--forget-browsers")
    with front_desk(tmp_path, port=desk.port, quick=True) as desk:
        one.cookie = mark
        assert one.get("/").status == 403  # forgotten, and nothing else is


def test_the_mark_of_a_browser_is_sealed_and_grows_old(tmp_path: Path) -> None:
    ours, others = (KnownBrowsers(Database(tmp_path, key)) for key in (b"key", b"another key"))
    ours.begin(), others.begin()
    day = date(2026, 11, 24)
    mark = ours.mark(day)
    assert ours.mark(day) != mark
    again = KnownBrowsers(Database(tmp_path, b"key"))
    again.begin()
    known = [again.knows(mark, day + timedelta(days=number)) for number in (-1, 0, 90, 91)]
    assert known == [False, True, True, False]
    for odd in (mark.replace("2026", "2027"), mark.upper(), mark + "x", "", ".", "..", "\xe9", others.mark(day)):
        assert not ours.knows(odd, day)


def _change(desk: FrontDesk, *options: str, passphrase: str = "") -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "generate.py"), "serve", *options],
        input=f"{passphrase}\n".encode(),
        env={"CLINICPRESS_STATE": str(desk.state), "PATH": "/usr/bin"},
        check=True,
        capture_output=True,
    )


def test_a_removed_person_and_a_changed_passphrase_end_their_sessions_and_no_others(tmp_path: Path) -> None:
    with front_desk(tmp_path, "--today", "2026-11-24", quick=True) as desk:
        rosa, ada, max_ = (desk.visitor().sign_in(name) for name in ("Rosa Desk", "Ada Example", "Max Manager"))
        _change(desk, "--remove-person", "Rosa Desk")
        assert rosa.get("/").place == "/sign-in"
        _change(desk, "--change-passphrase", "Ada Example", passphrase="four other words here")
        assert ada.post("/", {}).place == "/sign-in"
        assert ada.post("/sign-in", {"name": "Ada Example", "passphrase": PASSPHRASE}).status == 403
        assert max_.get("/").status == 200
        rosa.get("/sign-in")
        assert rosa.post("/sign-in", {"name": "Rosa Desk", "passphrase": PASSPHRASE}).status == 403
        (desk.state / "record.db").rename(desk.state / "away")
        (desk.state / "record.db").write_text("no database" * 1000)
        damaged = max_.get("/")
        assert damaged.status == 503
        assert "is damaged" in damaged.text


def test_wrong_passphrases_are_slowed_down_by_name_and_not_for_others(tmp_path: Path) -> None:
    with front_desk(tmp_path, "--today", "2026-11-24", quick=True) as desk:
        one, other = desk.visitor(), desk.visitor()
        one.get("/sign-in"), other.get("/sign-in")
        wrong = {"name": "Rosa Desk", "passphrase": CANARY}

        def tried(number: int) -> int:
            fields = {**wrong, "name": ("Rosa Desk", "rosa  DESK", " rosa desk")[number % 3]}
            return one.post("/sign-in", fields).status

        with ThreadPoolExecutor(8) as many:  # all at once: none may overtake the wait
            statuses = list(many.map(tried, range(12)))
        assert statuses.count(403) <= 5
        assert statuses.count(429) >= 7
        assert one.sign_in("Ada Example").get("/").status == 200
        right = {"name": "Rosa Desk", "passphrase": PASSPHRASE}
        end = time.monotonic() + 30
        while (slowed := other.post("/sign-in", right)).status == 429 and time.monotonic() < end:
            assert "second" in slowed.text
            time.sleep(0.2)
        assert slowed.status == 303


def test_the_wait_after_wrong_passphrases_has_an_end() -> None:
    tries = Tries()
    for _ in range(2000):
        tries.wrong("Rosa Desk", 0)
    assert tries.wait("rosa  desk", 0) == LONGEST_WAIT
    assert tries.wait("Ada Example", 0) == 0
    assert "rosa" not in repr(vars(tries)).lower()


# What every answer says -----------------------------------------------------------------------------------------------


def test_every_answer_says_the_same_to_the_browser(desk: FrontDesk, visitor: Visitor) -> None:
    made = visitor.post("/packets", {"document": "neurotherapy/handout/en"})
    assert made.status == 303
    packet = made.place
    answers = {
        "page": visitor.get("/"),
        "head": visitor.ask("HEAD", "/"),
        "look": visitor.get(packet),
        "pdf": visitor.get(f"{packet}/print.pdf"),
        "document": visitor.get(f"{packet}/0/document.pdf"),
        "picture": visitor.get(f"{packet}/0/1-480.png"),
        "no picture": visitor.get(f"{packet}/0/999-480.png"),
        "no number": visitor.get(f"{packet}/{'9' * 200}/1-480.png"),
        "long": visitor.get(f"/{LONG}"),
        "nowhere": visitor.get("/nowhere/at/all"),
        "slash": visitor.get("/sign-in/"),
        "dots": visitor.get("/static/..%2f..%2fclinic.toml"),
        "colour": visitor.get("/static/brand.css"),
        "style": visitor.get("/static/desk.css"),
        "no file": visitor.get("/static/nothing.css"),
        "see other": visitor.get("/sign-in"),
        "gone": visitor.get("/packets/x"),
        "unread": visitor.ask("POST", "/", b"x", {"Origin": desk.address}),
        "large": visitor.post("/", {"words": "x" * 300_000}),
    }
    for name, answer in answers.items():
        assert_guarded(answer.headers)
        kept = "max-age" if name == "style" else "no-store"
        assert kept in answer.headers["cache-control"], name
    statuses = {name: answer.status for name, answer in answers.items()}
    assert statuses == {
        **dict.fromkeys(("page", "head", "look", "pdf", "document", "picture", "colour", "style"), 200),
        **dict.fromkeys(("no picture", "no number", "nowhere", "slash", "dots", "no file", "gone"), 404),
        "see other": 303,
        "unread": 400,
        "large": 413,
        "long": 414,
    }
    assert "There is no such page" in answers["nowhere"].text
    garbage = raw(desk, b"\x00\x01 garbage\r\n\r\n")
    lines = [line.partition(b": ") for line in garbage.partition(b"\r\n\r\n")[0].splitlines()[1:]]
    assert status(garbage) == 400
    assert_guarded({name.decode().lower(): value.decode() for name, _, value in lines})


FORMS: dict[str, tuple[str, bytes]] = {
    "no kind": ("", b"token=x"),
    "another kind": ("application/json", b'{"token": "x"}'),
    "no border": ("multipart/form-data", b"x"),
    "another border": ("multipart/form-data; boundary=a", b"--b\r\n\r\n"),
    "a torn part": ("multipart/form-data; boundary=a", b'--a\r\nContent-Disposition: form-data; name="to'),
    "a part without a name": ("multipart/form-data; boundary=a", b"--a\r\n\r\nx\r\n--a--\r\n"),
    "two files": (
        "multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nx\r\n' * 2 + b"--a--\r\n",
    ),
    "many parts": (
        "multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n' * 3000 + b"--a--\r\n",
    ),
    "many fields": ("application/x-www-form-urlencoded", b"&".join(b"f%d=x" % number for number in range(10_000))),
    "letters that are none": (
        "multipart/form-data; boundary=a; charset=raw_unicode_escape",
        b'--a\r\nContent-Disposition: form-data; name="token"\r\n\r\n\\ud800\r\n--a--\r\n',
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_none_is_refused(desk: FrontDesk, visitor: Visitor, name: str) -> None:
    kind, body = FORMS[name]
    answer = visitor.ask("POST", "/", body, {"Origin": desk.address, "Content-Type": kind})
    assert answer.status in ((403,) if name == "a torn part" else (400,))  # its token is what was torn
    assert "Nothing was done" in answer.text


def test_a_name_as_deep_as_a_well_is_a_name(visitor: Visitor) -> None:
    assert visitor.post("/", {"a" + "[b]" * 10_000: "x"}).status == 200


# Another site in the same browser -------------------------------------------------------------------------------------

HOSTILE = """<!doctype html><title>another site</title><body>
<form id="post" method="post" action="{desk}/packets">
<input name="document" value="neurotherapy/handout/en"></form>
<form id="out" method="post" action="{desk}/sign-out"></form>
<script>
async function look() {{
  const found = [];
  for (const way of [{{}}, {{mode: "no-cors"}}, {{credentials: "include"}}, {{mode: "no-cors", credentials: "include"}},
                     {{method: "POST", credentials: "include", body: new URLSearchParams({{words: "x"}})}},
                     {{method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams()}}]) {{
    try {{ const one = await fetch("{desk}/", way); found.push("read:" + (await one.text()).length); }}
    catch (error) {{ found.push("nothing"); }}
  }}
  return found;
}}
function embedded(tag, place) {{
  return new Promise(done => {{
    const one = document.createElement(tag);
    one.onload = () => done("loaded"); one.onerror = () => done("nothing");
    if (tag === "link") {{ one.rel = "stylesheet"; one.href = place; }} else {{ one.src = place; }}
    document.body.append(one);
  }});
}}
async function framed() {{
  const one = document.createElement("iframe");
  const loaded = new Promise(done => {{ one.onload = done; }});
  one.src = "{desk}/"; document.body.append(one);
  await loaded;
  try {{ return one.contentDocument.body.innerText; }} catch (error) {{ return "nothing"; }}
}}
</script>"""


@contextmanager
def another_site(desk: FrontDesk, said: str = HOSTILE) -> Iterator[str]:
    """A page on another port of this machine, which a browser takes for the same site: cookies are sent from there."""

    class Hostile(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(said.format(desk=desk.address).encode())

        def log_message(self, *_said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def test_another_site_in_the_same_browser_gets_nothing_and_does_nothing(desk: FrontDesk, browser: Browser) -> None:
    page = signed_in(browser, desk, "Rosa Desk")
    before = entries(desk)
    with another_site(desk) as place:
        hostile = page.context.new_page()
        hostile.goto(place)
        found = hostile.evaluate("look()")
        assert set(found) <= {"nothing", "read:0"}
        assert hostile.evaluate("framed()") in ("nothing", "")
        assert all("data-card" not in frame.content() for frame in hostile.frames[1:])
        picture = f"{desk.address}/library/neurotherapy/handout/en/picture.png"
        assert hostile.evaluate("([tag, place]) => embedded(tag, place)", ["img", picture]) == "nothing"
        script = f"{desk.address}/static/desk.js"
        assert hostile.evaluate("([tag, place]) => embedded(tag, place)", ["script", script]) == "nothing"
        assert hostile.evaluate("([tag, place]) => embedded(tag, place)", ["link", f"{desk.address}/"]) == "nothing"
        with page.context.expect_page() as opened:
            hostile.evaluate("(place) => { window.other = window.open(place); }", desk.address + "/")
        opened.value.wait_for_load_state()
        assert hostile.evaluate("window.other.closed || !window.other.document") is True
        opened.value.close()
        for form in ("post", "out"):
            with hostile.expect_navigation() as answered:
                hostile.evaluate("(name) => document.getElementById(name).submit()", form)
            assert answered.value.status == 403
            hostile.goto(place)
    assert entries(desk) == before
    page.reload()
    assert page.locator("[data-card]").count() > 0
    page.context.close()


def test_a_link_that_is_opened_from_a_letter_on_another_site_lets_the_browser_in(
    desk: FrontDesk, browser: Browser
) -> None:
    letter = '<!doctype html><title>mail</title><a href="{desk}' + desk.link() + '">the front desk</a>'
    with another_site(desk, letter) as place:
        page = browser.new_context().new_page()
        page.goto(place.replace("127.0.0.1", "localhost"))  # another site, by its name
        page.click("a")
        page.wait_for_url("**/sign-in")
        assert page.locator("#name").count() == 1
        page.context.close()


def test_a_real_browsers_own_forms_are_taken_although_it_hides_its_origin(desk: FrontDesk, browser: Browser) -> None:
    page = let_in(browser, desk)
    page.fill("#name", "Rosa Desk")
    page.fill("#passphrase", PASSPHRASE)
    with page.expect_request(lambda one: one.method == "POST") as sent:
        page.press("#passphrase", "Enter")
    page.wait_for_url(desk.address + "/")
    assert sent.value.all_headers()["origin"] == "null"
    page.context.close()


def test_what_a_page_may_not_do_is_heard_of_in_every_test_with_a_browser(desk: FrontDesk, browser: Browser) -> None:
    page = let_in(browser, desk)
    assert COMPLAINTS == []
    with page.expect_console_message():
        page.evaluate("document.body.setAttribute('style', 'color: red')")
    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('of a script'); })")
    page.wait_for_timeout(50)  # milliseconds: the browser's driver tells the page first
    assert [one.partition(" inline")[0] for one in COMPLAINTS] == ["forbidden: style-src-attr", "of a script"]
    COMPLAINTS.clear()
    page.context.close()


# Bad callers ----------------------------------------------------------------------------------------------------------


def _head(desk: FrontDesk, line: str = "GET /sign-in HTTP/1.1") -> str:
    return f"{line}\r\nHost: 127.0.0.1:{desk.port}\r\n"


@pytest.mark.soak
def test_callers_who_do_not_finish_keep_nobody_out(desk: FrontDesk, visitor: Visitor) -> None:
    with ExitStack() as all_of_them:

        def call(sent: str) -> None:
            wire = socket.create_connection(("127.0.0.1", desk.port), 5)
            all_of_them.enter_context(wire)
            if sent:
                wire.sendall(sent.encode())

        for number in range(1000):
            call(("", "G", _head(desk), _head(desk) + "X: ")[number % 4])
        began = time.monotonic()
        assert visitor.get("/").status == 200
        assert time.monotonic() - began < 3
        held = len(list(Path(f"/proc/{desk.process.pid}/fd").iterdir()))
        assert held < 600
    cookie = f"Cookie: {visitor.cookie}\r\nOrigin: {desk.address}\r\n"
    post = _head(desk, "POST / HTTP/1.1") + cookie + "Content-Type: application/x-www-form-urlencoded\r\n"
    for sent in (
        _head(desk) + "X: " + "y" * 100_000,
        _head(desk) + "".join(f"X{number}: y\r\n" for number in range(5000)) + "\r\n",
        post + "Content-Length: -1\r\n\r\n",
        post + "Content-Length: 1e9\r\n\r\n",
        post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
        post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        post + "Transfer-Encoding: gzip\r\n\r\n",
        _head(desk, "GET /sign-in HTTP/9.9"),
        _head(desk, "GET /\x00 HTTP/1.1") + "\r\n",
        _head(desk, "GET /é HTTP/1.1") + "\r\n",
        _head(desk) + "Bad Header: x\r\n\r\n",
        _head(desk) + "X: a\r\n\r\ngarbage that is no second request\r\n\r\n",
    ):
        assert status(raw(desk, sent.encode())) in (0, 400, 403, 413, 501, 505)
    with socket.create_connection(("127.0.0.1", desk.port), 5) as wire:
        wire.sendall((post + "Content-Length: 9999999999999\r\n\r\ntoken=").encode())  # and never more
    chunked = f"{len(visitor.token) + 6:x}\r\ntoken={visitor.token}\r\n0\r\n\r\n"
    assert status(raw(desk, (post + "Transfer-Encoding: chunked\r\n\r\n" + chunked).encode())) == 200
    assert visitor.get("/").status == 200


@pytest.mark.soak
def test_who_takes_long_to_ask_is_cut_off(tmp_path: Path) -> None:
    with front_desk(tmp_path, wire="TIME_TO_ASK=1.0", quick=True) as desk:
        for sent in ("", "G", _head(desk), _head(desk) + "\r\n" + "G"):
            began = time.monotonic()
            with socket.create_connection(("127.0.0.1", desk.port), 10) as wire:
                wire.sendall(sent.encode())
                while wire.recv(65536):
                    if sent.endswith("\r\nG"):
                        wire.sendall(b"E")  # one letter more does not help
            assert time.monotonic() - began < 8


# No network -----------------------------------------------------------------------------------------------------------

ALONE = """
import sys
from pathlib import Path
from tests.instruments.desk import front_desk

with front_desk(Path(sys.argv[1]), "--today", "2026-11-24") as desk:
    visitor = desk.visitor().sign_in("Rosa Desk")
    place = visitor.post("/packets", {"document": "neurotherapy/handout/en"}).place
    print(visitor.get(f"{place}/print.pdf").body[:5].decode(), len(Path("/proc/net/route").read_text().splitlines()))
"""


def test_the_desk_starts_and_works_with_the_network_cut_off(tmp_path: Path) -> None:
    """By the kernel; nothing is left but the machine itself."""
    cut = ["unshare", "--net", "--map-root-user"]
    if not shutil.which("unshare") or subprocess.run([*cut, "true"], capture_output=True, check=False).returncode:
        pytest.skip("the network cannot be cut off here: unshare --net is refused")
    inside = [program("ip", "iproute2"), "link", "set", "lo", "up"]
    command = [*cut, "sh", "-c", f'{" ".join(inside)} && exec "$@"', "sh", sys.executable, "-c", ALONE, str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.stderr == ""
    assert ran.stdout in ("%PDF- 0\n", "%PDF- 1\n")  # the guard: there was no way out


# Other machines -------------------------------------------------------------------------------------------------------


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "desk.pem", folder / "desk.key"
    subject = ["-subj", "/CN=127.0.0.2", "-addext", "subjectAltName=IP:127.0.0.2"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    made = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(
        [program("openssl", "openssl"), "req", "-x509", *kind, *subject, *made], check=True, capture_output=True
    )
    return certificate, key


def test_other_machines_are_let_in_with_a_certificate_only(tmp_path: Path) -> None:
    certificate, key = map(str, _certificate(tmp_path))
    clear, both = "lets other machines in, so it needs --tls-cert FILE and --tls-key FILE", "go together"
    for options, said in {
        ("--host", "192.0.2.7"): clear,
        ("--host", "0.0.0.0", "--name", "desk.example"): clear,  # noqa: S104  refused
        ("--host", "::", "--name", "desk.example"): clear,
        ("--host", "192.0.2.7", "--tls-cert", certificate): both,
        ("--host", "192.0.2.7", "--tls-key", key): both,
        ("--host", "0.0.0.0", "--tls-cert", certificate, "--tls-key", key): "say by which name",  # noqa: S104
        ("--host", "192.0.2.7", "--tls-cert", certificate, "--tls-key", str(tmp_path / "none")): "is not there",
        ("--host", "127.0.0.2", "--tls-cert", key, "--tls-key", certificate): "are no certificate and its key",
    }.items():
        ended = forked("serve", "--port", str(free_port()), *options)
        assert ended.returncode == 3
        assert said in ended.stderr
        assert "Traceback" not in ended.stderr


def test_an_address_is_known_in_any_case_of_letters() -> None:
    settings = Settings(ROOT, ROOT, ROOT, b"", "account", host="FE80::1", names=("Desk.Example",))
    assert settings.hosts == {"[fe80::1]:8765", "desk.example:8765"}


def test_over_tls_the_desk_answers_and_its_cookie_is_never_sent_in_the_clear(tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path)
    tls = ("--host", "127.0.0.2", "--tls-cert", str(certificate), "--tls-key", str(key))
    with (
        ExitStack() as silent,
        front_desk(tmp_path, *tls, host="127.0.0.2", wire="TIME_TO_ASK=4.0, MOST_CONNECTIONS=8", quick=True) as desk,
    ):
        context = ssl.create_default_context(cafile=str(certificate))

        def ask(sent: str) -> bytes:
            with (
                socket.create_connection(("127.0.0.2", desk.port), 5) as plain,
                context.wrap_socket(plain, server_hostname="127.0.0.2") as wire,
            ):
                wire.sendall(sent.encode())
                return wire.recv(65536)

        began = time.monotonic()
        callers = [silent.enter_context(socket.create_connection(("127.0.0.2", desk.port), 15)) for _ in range(12)]
        assert [one.recv(1) for one in callers[:4]] == [b""] * 4  # the first make room for the last
        host = f"Host: 127.0.0.2:{desk.port}\r\n"
        opened = ask(f"GET {desk.link()} HTTP/1.1\r\n{host}\r\n")
        assert status(opened) == 200
        assert opened.count(b"Secure") == 2
        assert status(ask(f"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{desk.port}\r\n\r\n")) == 421
        with socket.create_connection(("127.0.0.2", desk.port), 5) as plain:
            plain.sendall(f"GET /sign-in HTTP/1.1\r\n{host}\r\n".encode())
            with suppress(ConnectionError):
                assert b"HTTP/1.1 2" not in plain.recv(65536)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", desk.port), 5)
        assert [one.recv(1) for one in callers[4:]] == [b""] * 8  # nobody holds one by never greeting
        assert time.monotonic() - began < 15


# The log --------------------------------------------------------------------------------------------------------------


def test_no_value_of_a_request_is_kept_anywhere(tmp_path: Path) -> None:
    with front_desk(tmp_path, "--today", "2026-11-24", quick=True) as desk:
        one = desk.visitor()
        one.get("/sign-in")
        one.post("/sign-in", {"name": CANARY, "passphrase": PASSPHRASE})
        one.post("/sign-in", {"name": "Rosa Desk", "passphrase": CANARY})
        one.sign_in("Rosa Desk")
        for path in (f"/?q={CANARY}", f"/{CANARY}", f"/packets/{CANARY}", f"/static/{CANARY}", f"/open/{CANARY}"):
            one.get(path)
            one.get(path, **{"User-Agent": CANARY, "Referer": f"http://{CANARY}/", CANARY: CANARY})
        one.get(f"/library/{CANARY}/handout/en/picture.png")
        one.post("/", {"words": CANARY, "kind": CANARY, CANARY: CANARY})
        one.post("/packets", {"document": CANARY, "profile": CANARY, "paper": CANARY})
        one.post("/packets", {"document": "neurotherapy/handout/en", "profile": CANARY})
        place = one.post("/packets", {"document": "neurotherapy/handout/en"}).place
        panel = {"once": CANARY, "printer": CANARY, "copies": CANARY, "sides": CANARY, CANARY: CANARY}
        assert one.post(f"{place}/print", panel).status == 409
        ada = desk.visitor().sign_in("Ada Example")
        said = {"passphrase": CANARY, "until": CANARY, "revision": CANARY, "despite-R02": CANARY, "reason": CANARY}
        for done in ("approve", "withdraw"):
            assert ada.post(f"/editor/neurotherapy/handout/en/{done}", {**said, "read": "yes"}).status in (
                403,
                409,
                422,
            )
        one.post("/today", {"replace": CANARY})
        one.post("/today/rows/2", {"list": CANARY, "profile": CANARY, "paper": CANARY})
        one.post("/prepare", {"encounter.procedure": CANARY, "document": CANARY, "language": CANARY, "copy": CANARY})
        one.post(f"/{CANARY}", {"words": CANARY}, Origin=f"http://{CANARY}")
        one.post("/language", {"language": CANARY})
        one.get("/", Host=CANARY)
        one.get("/", **{"Accept-Language": CANARY})
        one.ask(CANARY.upper(), "/")
        one.upload("/", CANARY, CANARY.encode())
        raw(desk, f"{CANARY} {CANARY}\r\n\r\n".encode())
        log = desk.log.read_text()
        assert re.search(r"^GET / 200 \d+ ms rosa-desk-\w+$", log, re.MULTILINE)
        assert re.search(r"^GET /packets/\{id\} 404 \d+ ms rosa-desk-\w+$", log, re.MULTILINE)
        assert re.search(r"^\(no method\) \(no page\) 405 \d+ ms -$", log, re.MULTILINE)
        assert "A fault of ours" not in log
        assert traces(desk, saying(CANARY)) == []
