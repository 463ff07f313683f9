"""The question to ask oneself about a mistake that anyone can make in any exercise.

A misconception of the exercise at hand has its own question, which goes before these.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradus.compare import Difference

SHAPES = "size mismatch|size of tensor|cannot be multiplied|at least 1D|is invalid for input"

QUESTIONS = [  # the kind of difference, what its sentence holds, the question
    ("type", "got None", "Does every way through your function end in a return?"),
    ("type", "got a numpy", "Which of your calls leaves torch for NumPy?"),
    ("type", "tensor, got an? (float|int)", "Does `.item()` or `float()` take it from its tensor?"),
    ("type", "tensor, got a list", "How do the items of a list become one tensor?"),
    ("type", "tensor, got a tuple", "Is there a comma too many behind your return?"),
    (
        "type",
        "through autograd",
        "Where is it cut off: at `.detach()`, `.item()`, `torch.tensor(...)` or `torch.no_grad()`?",
    ),
    ("shape", "expected shape", "Which dimension is left over, and which is gone?"),
    ("dtype", "float.*got torch.(u?int|bool)", "At which line do floats become whole numbers?"),
    ("dtype", "got torch.float", "Which part of your result has another dtype than the argument?"),
    ("edited", "argument", "Which of your lines writes into it? Work on a copy."),
    ("error", "RecursionError", "When does your function stop calling itself?"),
    ("error", "NameError", "Is the name misspelt, or is its import missing?"),
    ("error", "AttributeError", "Is the name misspelt? This kind of value has nothing so called."),
    (
        "error",
        r"takes \d+ positional|positional arguments?:|unexpected keyword",
        "Compare your line with `def` to the one you were given: what is missing?",
    ),
    ("error", SHAPES, "What are the shapes just before this line, and which two do not fit?"),
    ("error", "FileNotFound|Permission", "All you need is in the arguments: why open a file?"),
    ("error", "ZeroDivision", "For which input is there nothing to divide by?"),
]


def question_about(difference: "Difference") -> str:
    """Return the question that belongs to ``difference``, empty if it speaks for itself.

    >>> from gradus.compare import Difference
    >>> question_about(Difference("type", "expected a tensor, got None"))
    'Does every way through your function end in a return?'
    """
    fitting = (
        question
        for kind, pattern, question in QUESTIONS
        if kind == difference.kind and re.search(pattern, difference.text)
    )
    return next(fitting, "")
