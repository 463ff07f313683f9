"""Tricks done to the file that is handed in: cells, metadata, markup."""
