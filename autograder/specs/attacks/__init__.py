"""Sharing, attacks, tangents: PS6."""
