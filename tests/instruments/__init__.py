"""Instruments that read a finished PDF as an outsider would; each module is the one door to an outside tool.

`tools` finds the tools, `verapdf` judges conformance, `extract` reads the text, `tagtree` the structure, `paint` the
picture, `codes` the scanner codes, `ink` the blank places, `visits` the type sizes, `footprint` the network; `fields`
fills a form as other programs do, and `sign` signs it; `printshop` opens a print shop with real printers.
Pages are numbered from 1, as on paper. Lengths are points; a place on a page has its origin at the bottom left.
Nothing here prints: a finding is a return value. A tool that lacks is a `ToolMissingError` that says what to install.
"""
