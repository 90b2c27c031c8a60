"""The press: which texts may be printed, how they are set, proved and filled, and who stands behind their words."""
