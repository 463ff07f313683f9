"""Tricks that want out, or to break what grades: files, processes, memory, the system."""
