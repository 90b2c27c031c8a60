"""The yardstick: Typst alone, on the same form, with PDF/UA-1 on and the machine's fonts left out.

python bench/bare_typst.py form.typ fonts out.pdf
"""

import sys

import typst

_, SOURCE, FONTS, OUT = sys.argv
fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
typst.compile(SOURCE, output=OUT, font_paths=fonts, pdf_standards="ua-1")
