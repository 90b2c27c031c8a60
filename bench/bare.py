"""The yardstick: WeasyPrint alone, on the same HTML, with PDF/UA on and PDF/A off (it cannot do both).

python bench/bare.py page.html out.pdf
"""

import sys

from weasyprint import HTML

HTML(sys.argv[1]).write_pdf(sys.argv[2], pdf_variant="pdf/ua-1")
