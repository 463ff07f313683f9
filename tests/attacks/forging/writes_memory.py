"""Overwrite a tolerance in memory through ctypes."""

CELL = r"""
import ctypes, gc
from gradus.compare import Tolerance

for number in [t.rtol for t in gc.get_objects() if type(t) is Tolerance] + [1e-5, 1e-4]:
    ctypes.c_double.from_address(id(number) + 16).value = 1e9


def entropy(p, base=2.0):
    return p.sum(-1)
"""
