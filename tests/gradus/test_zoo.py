"""What a test may hand to a learner's function: small, and the same every time."""

import numpy as np
import pytest
import torch

from gradus import zoo


def test_cramped_model_holds_examples_until_their_backward_pass():
    """Three fit, three more do not; after the backward pass there is room again."""
    model = zoo.make("cramped", {"inputs": 2, "outputs": 1, "seed": 0, "room": 3})
    result = model(torch.ones(3, 2))
    with pytest.raises(MemoryError, match="3 examples wait"):
        model(torch.ones(1, 2))
    result.sum().backward()
    assert model.held == 0
    assert model(torch.ones(3, 2)).shape == (3, 1)


def test_cramped_model_holds_nothing_without_a_graph():
    """A forward pass under no_grad leaves nothing to wait for."""
    model = zoo.make("cramped", {"inputs": 2, "outputs": 1, "seed": 0, "room": 3})
    with torch.no_grad():
        model(torch.ones(3, 2))
    assert model.held == 0


def test_mirrored_is_a_view_that_torch_refuses():
    """The columns run backwards, and no memory is copied."""
    pic = np.arange(6).reshape(2, 3)
    view = zoo.make("mirrored", {"pic": pic})
    assert view.tolist() == [[2, 1, 0], [5, 4, 3]]
    with pytest.raises(ValueError, match="negative"):
        torch.from_numpy(view)


def test_unknown_recipe_is_refused():
    """A message may name only what there is."""
    with pytest.raises(zoo.WireError, match="no recipe is called 'pickle'"):
        zoo.make("pickle", {})
