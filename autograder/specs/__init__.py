"""One file per exercise, in a folder per unit."""
