"""The names of the jobs and ways that the report looks for."""

COLD, WARM = "consent, cold process", "consent, warm"
RENDERED_BEFORE, NEVER_RENDERED = "clinicpress, rendered before", "clinicpress, never rendered"
FILES, MERGED = "many patients, a file each, one core", "many patients, one print job, one core"
