"""HTML becomes a conforming PDF: PDF/UA-1 (readable aloud) and PDF/A-3a (kept for decades) in the same file.

The stages, in their order: `render` (the door to WeasyPrint; `child` is a process for it), `structure` (the tag tree;
`tags` reads and writes it), `stamps` (the codes), `metadata` (identification, attachment, viewer preferences). All but
the first are the door to pikepdf. A pass by a validator is not yet an accessible document: tests read it back in other
programs.
"""
