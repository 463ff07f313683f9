"""Attacks: small changes of the input that a model does not survive."""
