"""Somebody else's forms, made for tests: no foreign file lies in the repository."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

TEXT, TICK, SIGN = "Name", "Seen", "Sign here"
FILL = {"Name": "patient.name", "Born": "patient.birth_date"}


def form(
    *,
    pages: int = 1,
    tagged: bool = True,
    script: str = "",
    locked: bool = False,
    opening: bool = False,
    edition: str = "",
) -> bytes:
    """A form of a state: words on each page, and on the first one two texts, a tick, a choice and a signature."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=(612, 792))
        page.obj.Resources = Dictionary(Font=Dictionary(H=font))
        said = f"BT /H 12 Tf 72 720 Td (State form, page {number} {edition}) Tj ET"
        page.obj.Contents = pdf.make_stream(said.encode())
    first = pdf.pages[0].obj
    made = [
        _field(pdf, first, "Name", "Tx", (72, 640, 300, 658)),
        _field(pdf, first, "Born", "Tx", (310, 640, 400, 658)),
        _box(pdf, first, "Seen", (72, 600, 84, 612)),
        _field(pdf, first, "Side", "Ch", (72, 560, 200, 578), Opt=Array([String("Left"), String("Right")]), Ff=1 << 17),
        _field(pdf, first, "Sign here", "Sig", (72, 500, 300, 530)),
    ]
    first.Annots = Array(made)
    pdf.Root.AcroForm = Dictionary(
        Fields=Array(made), DR=Dictionary(Font=Dictionary(H=font)), DA=String("/H 0 Tf 0 g"), NeedAppearances=True
    )
    if tagged:
        pdf.Root.MarkInfo = Dictionary(Marked=True)
        pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array()))
    if script:
        action = Dictionary(S=Name("/" + script), JS=String("app.alert(1)"), F=String("https://example.com"))
        made[0].AA = Dictionary(K=action)
    if opening:
        pdf.Root.OpenAction = Dictionary(S=Name.Named, N=Name.Print)
    written = BytesIO()
    encryption = pikepdf.Encryption(owner="owner", user="") if locked else None
    pdf.save(written, deterministic_id=not locked, encryption=encryption or False)
    return written.getvalue()


def _field(
    pdf: pikepdf.Pdf, page: pikepdf.Object, name: str, kind: str, box: tuple[int, ...], **more: object
) -> pikepdf.Object:
    facts = {"Type": Name.Annot, "Subtype": Name.Widget, "FT": Name("/" + kind), "T": String(name), "F": 4}
    return pdf.make_indirect(Dictionary(**facts, Rect=Array(box), P=page, DA=String("/H 0 Tf 0 g"), **more))


def _box(pdf: pikepdf.Pdf, page: pikepdf.Object, name: str, box: tuple[int, ...]) -> pikepdf.Object:
    field = _field(pdf, page, name, "Btn", box, AS=Name.Off)
    looks = {}
    for state, drawn in (("On", b"0 0 m 12 12 l S"), ("Off", b"")):
        stream = pdf.make_stream(b"0.5 0.5 11 11 re S " + drawn)
        stream.Type, stream.Subtype, stream.BBox = Name.XObject, Name.Form, Array([0, 0, 12, 12])
        looks[state] = stream
    field.AP = Dictionary(N=Dictionary(**looks))
    return field


def put(
    folder: Path, data: bytes, *, name: str = "fixed.en.toml", pinned: str = "", file: str = "state.pdf", **more: str
) -> Path:
    """Puts a form and what the clinic says of it into the folder of a topic; returns the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(data)
    rows = {
        "title": '"Sports form of the state"',
        "kind": '"fixed"',
        "language": f'"{name.split(".")[1]}"',
        "form": '"ST-7"',
        "owner": '"The State"',
        "edition": '"03/2026"',
        "effective": "2026-11-01",
        "review_by": "2027-11-01",
        "file": f'"{file}"',
        "sha256": f'"{pinned or hashlib.sha256(data).hexdigest()}"',
        **more,
    }
    fill = rows.pop("fill", "")
    text = "".join(f"{key} = {value}\n" for key, value in rows.items() if value) + fill
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


EXAMPLES: dict[str, dict[str, Any]] = {
    "scripted": {"script": "JavaScript"},
    "launching": {"script": "Launch"},
    "sending": {"script": "SubmitForm"},
    "locked": {"locked": True},
    "by-itself": {"opening": True},
    "scan": {"tagged": False},
}
"""What is odd about the forms of the examples of rules, by their topics."""


def build_examples(*folders: Path) -> None:
    """Makes the forms of the examples of a rule, and pins those that ask for it."""
    for said in (one for folder in folders for one in folder.glob("*/fixed.en.toml")):
        text, topic = said.read_text(encoding="utf-8"), said.parent.name
        if topic != "missing":
            data = b"%PDF-1.7 and no more" if topic == "broken" else form(**EXAMPLES.get(topic, {}))
            (said.parent / "state.pdf").write_bytes(data)
            said.write_text(text.replace("SHA256", hashlib.sha256(data).hexdigest()), encoding="utf-8")


def fill_of(names: dict[str, str]) -> str:
    """The map of a form, as its file has it."""
    return "\n[fill]\n" + "".join(f'"{theirs}" = "{ours}"\n' for theirs, ours in names.items())
