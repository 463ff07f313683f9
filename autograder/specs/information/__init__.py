"""Probability and information: PS2."""
