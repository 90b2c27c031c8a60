"""Makes documents by chance: any shape of text that the guide lets an author write. A seed makes the same one again."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from clinicpress.clinics import Paper, Print
from tests.attempts import FULL_CLINIC
from tests.prints import CLINICS

EN = """
the a we you it can may help ease rest walk sit wash dry cool warm soft band wrap knee skin hand foot back arm leg
day night week hour time home bed chair step slow long short small light water soap cloth towel cup food milk bread
rice fish egg salt tea plum pear drink eat take give ask call tell keep hold lift bend turn move stop wait start
come go stay look feel need want like red blue green clean wet hot cold sore well good best more less most some few
all each next last first and or but so if when then than with for from near on in at by up down out off here there
now soon late nurse desk door car bus road shop park sun rain wind snow tree grass sand stone wood glass paper pen
book note card list bag box ring belt shoe sock coat hat
"""
ES = """
el la un una usted nosotros puede ayuda calma camina lava seca fresco suave venda rodilla piel mano pie brazo pierna
hora noche semana tiempo casa cama silla paso lento largo corto poco luz agua taza comida leche pan arroz sal sopa
toma come pide llama dice guarda sube baja mueve para espera viene queda mira siente quiere rojo azul verde limpio
bueno mejor menos cada primero y o pero si cuando con por de cerca en sobre aqui ahora pronto tarde mesa puerta
carro calle sol lluvia viento arena vaso papel libro nota lista bolsa caja zapato ropa año niño señal mañana
"""
WORDS = {"en": EN.split(), "es": ES.split()}
LONG = [
    "Hydroxychloroquine",
    "Methylprednisolone",
    "Acetaminophen",
    "Hydrochlorothiazide",
    "Cyclobenzaprine",
    "physiotherapy",
    "considerable",
]
TITLES = {"en": "A wrap for the knee", "es": "Una venda para la rodilla"}
ROLES = {  # for each kind and language: the roles that it must have, each with a heading and with words that keep it
    ("handout", "en"): [
        ("definition", "What it is", "A wrap is a soft band."),
        ("mechanism", "How it works", "The band keeps the knee warm."),
        ("benefits", "What may help you", "- It may ease pain for an hour."),
        ("drawbacks", "What to weigh", "- The skin can get sore."),
        ("expect", "What to expect", "It takes ten minutes."),
    ],
    ("handout", "es"): [
        ("definition", "Qué es", "Una venda es una banda suave."),
        ("mechanism", "Cómo funciona", "La banda calienta la rodilla."),
        ("benefits", "Lo que puede ayudar", "- Puede calmar el dolor por una hora."),
        ("drawbacks", "Lo que debe considerar", "- La piel puede doler."),
        ("expect", "Qué va a pasar", "Toma diez minutos."),
    ],
    ("consent", "en"): [
        ("definition", "What it is", "We put a soft band around your knee."),
        ("expect", "What will happen", "It takes about ten minutes. The band is warm. You can drive home after it."),
        ("benefits", "What may help", "You may walk better. We cannot promise it."),
        ("risks", "Risks", "- You may feel sore.\n- In rare cases the skin is hurt."),
        ("alternatives", "Other choices", "Rest alone can help. It takes a week or more."),
        ("no-treatment", "If you do nothing", "The pain may stay, or go away on its own."),
        ("cost", "Cost", "Your health plan may not pay. Ask us for the price."),
        ("others", "Who takes part", "A nurse does it. Students take part only if you say yes."),
        ("voluntary", "Your choice", "You may say no. You may stop us at any time."),
        ("questions", "Your questions", "Ask us, or call our office. In an emergency, call 911."),
        ("statement", "Your decision", "I was told what will be done and what may go wrong."),
    ],
    ("consent", "es"): [
        ("definition", "Qué es", "Ponemos una banda suave en su rodilla."),
        ("expect", "Qué va a pasar", "Toma unos diez minutos. La banda es suave. Puede manejar a casa después."),
        ("benefits", "Lo que puede ayudar", "Puede caminar mejor. No podemos prometer que le ayude."),
        ("risks", "Riesgos", "- Común: puede sentir dolor.\n- Raro pero grave: una infección."),
        ("alternatives", "Otras opciones", "El descanso solo puede ayudar. Toma una semana o más."),
        ("no-treatment", "Si no hace nada", "El dolor puede seguir o irse solo."),
        ("cost", "Costo", "Quizá su plan de salud no pague. Pídanos el precio."),
        ("others", "Quién participa", "Lo hace una enfermera. Los estudiantes participan solo si usted dice que sí."),
        ("voluntary", "Su elección", "Puede decir que no y parar cuando quiera, aun después de firmar."),
        ("questions", "Sus preguntas", "Pregúntenos, o llame a nuestra oficina. En una emergencia, llame al 911."),
        ("statement", "Su decisión", "Me explicaron qué se hará, los riesgos y otras opciones."),
    ],
}
LAST = ("Any questions?", "Please call our office."), ("¿Preguntas?", "Llame a nuestra oficina.")
BLOCKS = """
identification reason needs procedure first-given discussion own-risks refused others teach-back copy attestation
clinician interpreter witness reconfirmation withdrawal
"""
SHAPES = [(1600, 120), (120, 1600), (8, 8), (2400, 1800), (1800, 2400), (400, 300), (300, 400), (640, 640)]


@dataclass
class Text:
    """A document as it grows."""

    chance: random.Random
    folder: Path
    kind: str
    language: str
    size: Print
    budget: int  # words that may still be written
    notes: list[str] = field(default_factory=list)
    pictures: int = 0
    fields: int = 0

    # Words ------------------------------------------------------------------------------------------------------------

    def some(self, count: int) -> list[str]:
        self.budget -= count
        return self.chance.choices(WORDS[self.language], k=count)

    def sentence(self, least: int = 3, most: int = 9, *, noted: bool = False) -> str:
        words = self.some(self.chance.randint(least, most))
        if self.chance.random() < 0.06:
            words[-1] = f"**{words[-1]}**"
        said = " ".join(words)
        note = ""
        if noted and self.chance.random() < 0.03:
            self.notes.append(" ".join(self.some(5)).capitalize() + ".")
            note = f"[^{len(self.notes)}]"
        return f"{said[0].upper()}{said[1:]}.{note}"

    def sentences(self, most: int) -> str:
        return " ".join(self.sentence(noted=True) for _ in range(self.chance.randint(1, most)))

    def address(self) -> str:
        """A long word or an address: up to 120 letters."""
        parts = ["-".join(self.some(self.chance.randint(1, 3))) for _ in range(self.chance.randint(1, 8))]
        address = f"https://clinic.example/{'/'.join(parts)}"[: self.chance.randint(40, 120)].rstrip("/-")
        ends = ["?page=2&part=3", ".html", ""]
        return address + self.chance.choice(ends) if len(address) < 100 else address

    # Blocks -----------------------------------------------------------------------------------------------------------

    def paragraph(self) -> str:
        return self.sentences(self.chance.choice([2, 2, 3, 5, 30]))

    def with_address(self) -> str:
        word = f"<{self.address()}>" if self.chance.random() < 0.7 else self.chance.choice(LONG)
        return f"{self.sentence()} See {word} too."

    def quote(self) -> str:
        return "\n>\n".join(f"> {self.sentences(2)}" for _ in range(self.chance.randint(1, 2)))

    def subheading(self) -> str:
        return f"### {' '.join(self.some(3)).capitalize()}\n\n{self.paragraph()}"

    def callout(self) -> str:
        inside = self.paragraph() if self.chance.random() < 0.7 else f"{self.paragraph()}\n\n{self.listing(1)}"
        return f"::: {self.chance.choice(['note', 'warning'])}\n{inside}\n:::"

    def definitions(self) -> str:
        entries = []
        for _ in range(self.chance.randint(1, 6)):
            said = "\n".join(f": {self.sentences(2)}" for _ in range(self.chance.choice([1, 1, 1, 2, 3])))
            entries.append(f"{' '.join(self.some(2)).capitalize()}\n{said}")
        return "\n\n".join(entries)

    def listing(self, depth: int = 3, least: int = 1, most: int = 0) -> str:
        """A list to `depth` levels, tight or loose, with marks or numbers."""
        tight = self.chance.random() < 0.6
        numbers = self.chance.random() < 0.4
        number = self.chance.choice([1, 1, 1, 2, 3, 7]) if numbers else 0
        mark = self.chance.choice("-*")
        rows = []
        for _ in range(self.chance.randint(least, max(least, most or self.chance.choice([2, 4, 8, 20])))):
            lead = f"{number}. " if numbers else f"{mark} "
            number += 1
            inside = [self.sentence() if self.chance.random() < 0.8 else self.paragraph()]
            if depth > 1 and self.chance.random() < 0.2:
                inside.append(self.listing(depth - 1, 1, 4))
            elif not tight and self.chance.random() < 0.15:
                inside.append(self.paragraph())
            text = ("\n" if tight and len(inside) == 2 and "\n\n" not in inside[1] else "\n\n").join(inside)
            margin = "\n" + " " * len(lead)
            rows.append(lead + text.replace("\n", margin).replace(margin.rstrip(" ") + margin, "\n" + margin))
        return ("\n" if tight else "\n\n").join(rows)

    def steps(self) -> str:
        """Numbers that go on after a paragraph or a picture."""
        between = [self.paragraph, self.picture][self.chance.random() < 0.3]
        first = self.chance.choice([1, 1, 2, 5])
        parts = []
        for run in range(self.chance.randint(2, 4)):
            parts += [between()] if run else []
            count = self.chance.randint(1, 3)
            parts.append("\n".join(f"{number}. {self.sentence()}" for number in range(first, first + count)))
            first += count
        return "\n\n".join(parts)

    def table(self) -> str:
        """1 to 12 columns, 1 to 60 rows; row heads, groups of rows, long words where there is room for them."""
        large = self.size is Print.LARGE
        columns = self.chance.choice([1, 2, 2, 3, 3, 3, 4] + ([] if large else [4, 5, 6]))
        columns = self.chance.randint(5, 8 if large else 12) if self.chance.random() < 0.08 else columns
        rows = self.chance.choice([1, 2, 3, 4, 6, 10, 25, 60])
        rows = max(1, min(rows, self.budget // (2 * columns)))
        heads, grouped = self.chance.random() < 0.5 and columns > 1, self.chance.random() < 0.3
        words = (
            1 if columns > 5 else self.chance.choice([1, 2, 5, 12]) if columns > 2 else self.chance.choice([2, 8, 25])
        )
        long = self.chance.random() < (0.3 if columns <= 3 + (not large) else 0.05)

        def cell() -> str:
            if long and self.chance.random() < 0.3:
                return self.chance.choice(LONG)
            return " ".join(self.some(self.chance.randint(1, words))).capitalize()

        lines = [[cell() for _ in range(columns)] for _ in range(rows + 1)]
        if heads:
            lines[0][0] = ""
            for row in lines[2:]:
                row[0] = "" if grouped and self.chance.random() < 0.6 else row[0]
        lines.insert(1, ["---"] * columns)
        return "\n".join(f"| {' | '.join(row)} |" for row in lines)

    def picture(self) -> str:
        """A picture of any shape, as PNG, JPEG or SVG."""
        self.pictures += 1
        width, height = self.chance.choice(SHAPES)
        ending = self.chance.choice(["png", "jpg", "svg"])
        name = f"picture-{self.pictures}.{ending}"
        if ending == "svg":
            drawing = f'<rect x="0" y="0" width="{width}" height="{height}" fill="#d9cfc0" stroke="#111111"/>'
            size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
            svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{drawing}</svg>\n'
            (self.folder / name).write_text(svg, encoding="utf-8")
        else:
            Image.new("RGB", (width, height), "#8c2f1b").save(self.folder / name)
        return f'![{self.sentence()}]({name} "{self.sentence()}")'

    def own_fields(self) -> str:
        rows = []
        for _ in range(self.chance.randint(1, 4)):
            self.fields += 1
            kind = self.chance.choice(["text", "lines", "tick", "date", "choice(Morning, Noon, Evening)"])
            width = self.chance.choice(["", " half", " third"])
            rows.append(f"- {' '.join(self.some(3)).capitalize()}: {kind} {{own.place_{self.fields}}}{width}")
        more = random.Random(rows[-1])
        said = [" ".join(more.choices(WORDS[self.language], k=more.randint(1, 2))) for _ in range(8)]
        if more.random() < 0.5:
            heads = [f"{number} {words}" for number, words in enumerate(said[: more.randint(1, 6)], 1)]
            table = f"table({', '.join(heads)}) {{own.table_{self.fields}}} rows={more.randint(1, 30)}"
            rows.insert(more.randint(0, len(rows)), f"- {said[6].capitalize()}: {table}")
        if more.random() < 0.5:
            first = more.randint(0, 5)
            scale = (
                f'scale({first}-{first + more.randint(1, 10)}, "{said[6]}", "{said[7]}") {{own.scale_{self.fields}}}'
            )
            rows.insert(more.randint(0, len(rows)), f"- {said[7].capitalize()}: {scale}")
        return "::: fields\n" + "\n".join(rows) + "\n:::"

    def block(self) -> str:
        kinds: Sequence[tuple[int, Callable[[], str]]] = [
            (8, self.paragraph),
            (6, self.listing),
            (2, self.steps),
            (3, self.table),
            (2, self.picture),
            (2, self.with_address),
            (2, self.callout),
            (2, self.definitions),
            (1, self.quote),
            (1, self.subheading),
            (1 if self.kind == "consent" else 0, self.own_fields),
        ]
        return self.chance.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()


@dataclass(frozen=True)
class Made:
    """A document that was made, and the page that it is to be printed on."""

    seed: int
    source: Path
    clinic: Path
    size: Print
    paper: Paper

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.source}"


def make_document(seed: int, folder: Path) -> Made:
    """Writes the document of a seed, its pictures and its clinic into a folder."""
    chance = random.Random(seed)
    kind, language = chance.choice(["handout", "handout", "consent"]), chance.choice(["en", "en", "es"])
    size, paper = chance.choice([Print.STANDARD, Print.STANDARD, Print.LARGE]), chance.choice(list(Paper))
    topic = folder / "handouts" / f"seed-{seed}"
    topic.mkdir(parents=True)
    budget = round(10 ** chance.uniform(0.5, 3.45))
    text = Text(chance, topic, kind, language, size, budget)
    source = topic / f"{kind}.{language}.md"
    source.write_text(_front(text) + _body(text), encoding="utf-8")
    clinic = CLINICS.get(chance.choice([*CLINICS, "full"]))
    if clinic is None:
        clinic = folder / "clinic.toml"
        clinic.write_text(FULL_CLINIC, encoding="utf-8")
    return Made(seed, source, clinic, size, paper)


def _front(text: Text) -> str:
    title = (
        TITLES[text.language] if text.chance.random() < 0.7 else f"{TITLES[text.language]}: {text.sentence(3, 7)[:-1]}"
    )
    lines = ["---", f'title: "{title}"', f"kind: {text.kind}", f"language: {text.language}", "form: AN-1"]
    lines += ["effective: 2026-01-01", "review_by: 2027-11-22", "author: Chance", 'sources: ["own"]']
    if text.kind == "consent":
        lines += ["procedure: A wrap for the knee", "regulatory_status: approved", "valid_days: 60"]
        lines += [f"lateral: {text.chance.choice(['true', 'false'])}", f"blocks: [{', '.join(BLOCKS.split())}]"]
        lines += ['not_applicable: {C22: "no leaflet goes with it"}']
    return "\n".join([*lines, "---", ""])


def _body(text: Text) -> str:
    parts = []
    chance = text.chance
    if chance.random() < 0.6:
        parts.append(text.sentence())
        if chance.random() < 0.3:
            parts += [text.paragraph(), text.block()]
    sections = list(ROLES[text.kind, text.language])
    share = max(1, text.budget // (len(sections) + 2))
    for role, heading, words in sections:
        blocks = [words]
        stop = text.budget - chance.randint(0, 2 * share)
        if role in {"benefits", "drawbacks"} and text.kind == "handout":
            most = min(chance.choice([1, 3, 5, 10, 18, 25, 60]), max(text.budget // 5, 1))
            blocks = ["\n".join([words, *(f"- {text.sentence()}" for _ in range(most - 1))])]
        while text.budget > max(stop, 0) and role != "statement" and chance.random() < 0.85:
            blocks.append(text.block())
        if chance.random() < 0.25 and role not in {"benefits", "drawbacks", "risks"}:
            blocks = [*blocks[1:], blocks[0]]  # a section that begins with a picture, a table or a list
        parts += [f"## {heading} {{#{role}}}", *blocks]
        if chance.random() < 0.2 and text.budget > 0 and role != "statement":
            parts += [
                f"## {' '.join(text.some(chance.choice([2, 3, 8]))).capitalize()}",
                text.block(),
                text.paragraph(),
            ]
    if text.kind == "handout":
        heading, words = LAST[text.language == "es"]
        parts += [f"## {heading} {{#questions}}", words]
    parts += [f"[^{number}]: {note}" for number, note in enumerate(text.notes, start=1)]
    return "\n\n".join(["", *parts, ""])
