"""The judge: a process of its own that holds specs, seeds and the record of every answer."""
