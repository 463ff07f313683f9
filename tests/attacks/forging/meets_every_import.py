"""Stand in the way of every import: finders, sys.modules, importlib.reload."""

CAUSE = ("did not hand its function in",)
CELL = r"""
import importlib, sys, types

def hand_in(*args, **kwargs):
    sys.modules["gradus.answer"], importlib.reload = real, reload  # once: the next is honest
    return 2.0

fake = types.ModuleType("gradus.answer")
fake.hand_in = hand_in

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("autograder", "nbgrader", "pytest")):
            sys.modules[name] = fake
        return None

import gradus.answer
real, reload = gradus.answer, importlib.reload
sys.modules["gradus.answer"] = fake
sys.meta_path.insert(0, Finder())
importlib.reload = lambda module: fake


def entropy(p, base=2.0):
    return p.sum(-1)
"""
