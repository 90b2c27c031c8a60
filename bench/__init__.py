"""Measures how fast documents are made, side by side with other tools: `python bench/bench.py`, or `make bench`.

`turns` measures; `render`, `many`, `fill` and `growth` hold the jobs, `packets` our side of those of many patients,
`desk` and `clicks` people at the front desk.
`peers` is the door to the programs that we fill forms against. `in_typst`, `in_reportlab` and `in_chromium` set the
form that `form` makes of our page, in `pieces` that any typesetter can set. `proof` says whether a form was filled at
all, `words` whether a peer set all of it, and `verdicts` what veraPDF says of a file. `goals`, `report` and `chart`
tell what came of it.
"""
