"""Attacks: inputs that a model does not survive, and models copied by asking."""
