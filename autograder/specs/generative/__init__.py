"""Generative models and representations: PS11."""
