"""Tensors, images, autograd: PS1."""
