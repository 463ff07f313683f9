"""Tricks that want points: they forge answers, scores, and what judges them."""
