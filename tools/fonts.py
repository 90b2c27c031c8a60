"""Makes the static files of "Clinic Sans" from the variable font Source Sans 3 (PyPI: fontpkg-source-sans-3 3.52).

    python tools/fonts.py SourceSans3[wght].ttf fonts/clinic-sans

Why static: WeasyPrint cuts every weight out of a variable font again for every document, 0.2 s each. Why another name:
'Source' is a Reserved Font Name of the SIL Open Font License, which a modified file may not keep.
"""

import sys
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FAMILY = "Clinic Sans"
WEIGHTS = {400: "Regular", 600: "SemiBold", 700: "Bold"}
# Numbers of the naming table that carry the family's name. Source: OpenType 1.9, 'name'.
FAMILY_NAME, STYLE, UNIQUE, FULL, POSTSCRIPT, TYPO_FAMILY, TYPO_STYLE = 1, 2, 3, 4, 6, 16, 17


def make(variable: Path, folder: Path) -> None:
    """Writes one file for each weight."""
    folder.mkdir(parents=True, exist_ok=True)
    for weight, style in WEIGHTS.items():
        # recalcTimestamp=False: the same input gives the same bytes
        font = instantiateVariableFont(TTFont(variable, recalcTimestamp=False), {"wght": weight}, overlap=True)
        compact = FAMILY.replace(" ", "")
        # Old programs know only Regular and Bold within a family; the others get a family of their own.
        basic = style in ("Regular", "Bold")
        names = {
            FAMILY_NAME: FAMILY if basic else f"{FAMILY} {style}",
            STYLE: style if basic else "Regular",
            UNIQUE: f"{compact}-{style}",
            FULL: f"{FAMILY} {style}",
            POSTSCRIPT: f"{compact}-{style}",
            TYPO_FAMILY: FAMILY,
            TYPO_STYLE: style,
        }
        table = font["name"]
        table.names = [record for record in table.names if record.nameID in (0, 5, 13, 14)]  # rights, version, licence
        for number, text in names.items():
            table.setName(text, number, 3, 1, 0x409)
        font["OS/2"].usWeightClass = weight
        font["OS/2"].fsSelection = (font["OS/2"].fsSelection & ~0x61) | (0x20 if style == "Bold" else 0x40)
        font["head"].macStyle = 1 if style == "Bold" else 0
        if "STAT" in font:
            del font["STAT"]
        font.save(folder / f"{compact}-{style}.ttf")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    make(Path(sys.argv[1]), Path(sys.argv[2]))
