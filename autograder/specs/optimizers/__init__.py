"""Optimizers: what a step makes of a gradient."""
