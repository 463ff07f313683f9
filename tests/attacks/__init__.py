"""One way to cheat per file: each writes a notebook that solves ``kl`` and forges ``entropy``."""
