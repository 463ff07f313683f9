"""Normalisation: batch norm and what it keeps."""
