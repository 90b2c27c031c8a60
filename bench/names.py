"""The names of the jobs and ways that the report looks for."""

COLD, WARM = "consent, cold process", "consent, warm"
LADDER = "Spanish consent, cold process, several layouts tried"
PROOF = "consent, what a rendering is made of, warm"
RENDERED_BEFORE, NEVER_RENDERED = "clinicpress, rendered before", "clinicpress, never rendered"
ANOTHER_FOLDER = "clinicpress, rendered before, into another folder"
PROVED = "the proof alone"
FILES, MERGED = "many patients, a file each, one core", "many patients, one print job, one core"
