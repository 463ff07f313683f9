"""Noise as regulariser: dropout and its kin."""
