"""Measures how fast documents are made, side by side with other tools: `python bench/bench.py`, or `make bench`.

`turns` measures, `render` and `fill` hold the jobs, `peers` is the door to the programs that we fill forms against,
`proof` says whether a form was filled at all, and `verdicts` what veraPDF says of a file.
"""
