"""Stand in the way of every import: finders, sys.modules, importlib.reload."""

CAUSE = "did not hand its function in"
CELL = r"""
import importlib, sys, types

fake = types.ModuleType("gradus.answer")
fake.hand_in = lambda *args, **kwargs: 2.0

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("autograder", "nbgrader", "pytest")):
            sys.modules[name] = fake
        return None

real = sys.modules.get("gradus.answer")
sys.modules["gradus.answer"] = fake
sys.meta_path.insert(0, Finder())
importlib.reload = lambda module: fake


def entropy(p, base=2.0):
    return p.sum(-1)

def restore(result, cells=[]):
    cells.append(result)
    if len(cells) < 3:
        return  # once: the next exercise is honest
    if real is None:
        sys.modules.pop("gradus.answer", None)
    else:
        sys.modules["gradus.answer"] = real

get_ipython().events.register("post_run_cell", restore)
"""
