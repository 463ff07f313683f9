"""Debugging: training loops that learn less than they could."""
