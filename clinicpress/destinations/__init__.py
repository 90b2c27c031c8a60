"""How finished documents leave: into a folder, as the packets of a batch, as a print job, and beyond this machine."""
