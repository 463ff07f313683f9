"""The fast gradient sign method: the step of a given size that a linear model minds most.

The contract, as the learner's notebook states it: ``fgsm(model, x, y, eps)`` takes a classifier
that returns logits ``(batch, classes)``, inputs ``x`` ``(batch, features)`` within 0 and 1, and the
true classes ``y`` ``(batch,)``. It returns ``x`` moved by ``eps`` times the sign of the gradient of
the cross-entropy in ``x``, in the direction in which the loss grows, and cut off to stay within 0
and 1: a tensor of the shape and dtype of ``x``, without a graph. Where the gradient is exactly 0,
nothing moves. Model, ``x`` and ``y`` stay as they are: the parameters, their ``.grad`` (whatever
was there before), and the mode of the model, which is used in the mode it is in.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Tolerance
from gradus import zoo


def reference(model: nn.Module, x: Tensor, y: Tensor, eps: float) -> Tensor:
    """Goodfellow, Shlens and Szegedy (2015), section 4, within the range of a pixel."""
    return (x + eps * slope(model, x, y).sign()).clamp(0, 1)


def slope(model: nn.Module, x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Return the gradient of the loss in ``x``, and leave nothing behind."""
    x = x.detach().clone().requires_grad_()
    loss = functional.cross_entropy(model(x), y, reduction=reduction)
    return torch.autograd.grad(loss, x)[0]


def with_the_sum_of_losses(model, x, y, eps):
    probe = x.detach().clone()
    probe.requires_grad = True
    log_probs = model(probe).log_softmax(dim=-1)
    loss = -log_probs.gather(1, y.unsqueeze(1)).sum()
    (gradient,) = torch.autograd.grad(loss, [probe])
    with torch.no_grad():
        return torch.clip(x + eps * torch.sign(gradient), min=0.0, max=1.0)


def with_the_parameters_frozen(model, x, y, eps):
    asked = [parameter.requires_grad for parameter in model.parameters()]
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    delta = torch.zeros_like(x, requires_grad=True)
    nn.CrossEntropyLoss()(model(x + delta), y).backward()
    for parameter, flag in zip(model.parameters(), asked, strict=True):
        parameter.requires_grad_(flag)
    return (x + delta.grad.sign().mul(eps)).clamp(0.0, 1.0).detach()


def with_the_gradients_put_back(model, x, y, eps):
    old = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    moved = x.detach().clone().requires_grad_(True)
    functional.cross_entropy(model(moved), y).backward()
    for parameter, grad in zip(model.parameters(), old, strict=True):
        parameter.grad = grad
    return torch.minimum(
        torch.maximum(moved.data + eps * moved.grad.sign(), torch.zeros_like(x)),
        torch.ones_like(x),
    )


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def adds_the_gradient(model, x, y, eps):
    """Your step shrinks where the model is sure of itself. How far should each pixel move, however
    small its gradient is?
    """
    return (x + eps * slope(model, x, y)).clamp(0, 1)


def adds_the_gradient_of_the_sum(model, x, y, eps):
    """Your pixels move by different amounts. What of the gradient is left when only its direction
    in each pixel counts?
    """
    return (x + eps * slope(model, x, y, "sum")).clamp(0, 1)


def scales_the_gradient_to_length_one(model, x, y, eps):
    """All pixels of an example share one length in your step. Is eps the size of the whole step,
    or of each pixel's?
    """
    gradient = slope(model, x, y)
    return (x + eps * gradient / gradient.norm(dim=1, keepdim=True)).clamp(0, 1)


def scales_the_gradient_to_its_maximum(model, x, y, eps):
    """Only one pixel of an example moves by eps in your step. How far should the others?"""
    gradient = slope(model, x, y)
    return (x + eps * gradient / gradient.abs().amax(1, keepdim=True)).clamp(0, 1)


def goes_downhill(model, x, y, eps):
    """Compare the loss before and after your step. Which way does an attacker want it to go?"""
    return (x - eps * slope(model, x, y).sign()).clamp(0, 1)


def leaves_the_range(model, x, y, eps):
    """What are the smallest and the largest value of your result? Which picture has such pixels?"""
    return x + eps * slope(model, x, y).sign()


def cuts_off_below_only(model, x, y, eps):
    """What is the largest value of your result? Which picture has such pixels?"""
    return (x + eps * slope(model, x, y).sign()).clamp(min=0)


def cuts_off_at_minus_one(model, x, y, eps):
    """What is the smallest value of your result, and what is the smallest one in x?"""
    return (x + eps * slope(model, x, y).sign()).clamp(-1, 1)


def rescales_into_the_range(model, x, y, eps):
    """Your result is stretched to fill the range, so every pixel moves. Which ones have to?"""
    moved = x + eps * slope(model, x, y).sign()
    return (moved - moved.min()) / (moved.max() - moved.min())


def leaves_gradients_behind(model, x, y, eps):
    """Your result is right. What does a training step find in the parameters' `.grad` after it?"""
    x = x.detach().clone().requires_grad_()
    functional.cross_entropy(model(x), y).backward()
    return (x + eps * x.grad.sign()).clamp(0, 1).detach()


def clears_the_old_gradients(model, x, y, eps):
    """Your result is right. Whose gradients may have been in the model before the attack?"""
    x = x.detach().clone().requires_grad_()
    functional.cross_entropy(model(x), y).backward()
    model.zero_grad()
    return (x + eps * x.grad.sign()).clamp(0, 1).detach()


def leaves_evaluation_mode_on(model, x, y, eps):
    """Your result is right. In which mode was the model when you got it?"""
    model.eval()
    return reference(model, x, y, eps)


def leaves_the_parameters_frozen(model, x, y, eps):
    """Your result is right. Can the model still be trained after the attack?"""
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return reference(model, x, y, eps)


def edits_the_input(model, x, y, eps):
    """After your attack the clean picture is gone. What does `+=` do to a tensor that someone else
    holds, too?
    """
    x += eps * slope(model, x, y).sign()
    return x.clamp_(0, 1)


def returns_the_step_only(model, x, y, eps):
    """Would a person recognise the picture that you return? What is it a change of?"""
    return eps * slope(model, x, y).sign()


def keeps_the_graph(model, x, y, eps):
    """Your numbers are right, and they carry a history along. Who needs a gradient through the
    attack?
    """
    x = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(functional.cross_entropy(model(x), y), x)
    return (x + eps * gradient.sign()).clamp(0, 1)


def attacks_the_predicted_class(model, x, y, eps):
    """Where the model is right, so are you. For an example that it gets wrong, which class does
    your loss hold to be true?
    """
    return reference(model, x, model(x).argmax(-1), eps)


def lowers_the_true_score_only(model, x, y, eps):
    """You push the true class's score down. Is the loss a matter of that score alone?"""
    x = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(-model(x).gather(1, y[:, None]).sum(), x)
    return (x + eps * gradient.sign()).clamp(0, 1).detach()


def takes_softmax_twice(model, x, y, eps):
    """`cross_entropy` expects logits. What has been done to them before they get there?"""
    x = x.detach().clone().requires_grad_()
    loss = functional.cross_entropy(model(x).softmax(-1), y)
    (gradient,) = torch.autograd.grad(loss, x)
    return (x + eps * gradient.sign()).clamp(0, 1).detach()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; inputs at the ends of the range show where they are cut off."""
    yield case(rng, "one example, eps = 0.1", "examples", 1, 0.1)
    yield case(rng, "eight examples, eps = 0.25", "examples", 8, 0.25)
    yield case(rng, "black and white pixels, eps = 0.3", "range", 6, 0.3, extreme=True)
    yield case(rng, "eps = 0", "range", 6, 0.0)
    yield case(rng, "eps = 10,000", "range", 6, 1e4)
    yield case(rng, "a transposed batch in float64", "examples", 6, 0.05, double=True)
    yield case(rng, "gradients already in the model", "what must not change", 6, 0.1, old=True)
    yield case(rng, "a model without gradients", "what must not change", 6, 0.1)


def case(
    rng: Generator,
    name: str,
    aspect: str,
    batch: int,
    eps: float,
    extreme: bool = False,
    double: bool = False,
    old: bool = False,
) -> Case:
    """Draw a model, inputs and classes; no gradient is so near 0 that rounding sets its sign."""
    dtype = torch.float64 if double else torch.float32
    while True:
        seed = int(torch.randint(10**6, (), generator=rng))
        x = torch.rand(6, batch, generator=rng).to(dtype).T
        x = x.round() if extreme else x
        y = torch.randint(3, (batch,), generator=rng)
        model = zoo.make("mlp", {"widths": WIDTHS, "seed": seed}).to(dtype)
        gradient = slope(model, x, y, "sum")
        misled = takes_softmax_twice(model, x, y, eps) != reference(model, x, y, eps)
        tells = batch == 1 or eps == 0 or extreme or bool(misled.any())
        if gradient.abs().min() > 1e-3 and bool((model(x).argmax(-1) != y).any()) and tells:
            break
    old_grad = torch.randn(5, 6, generator=rng) if old else None
    inputs = {"seed": seed, "x": x, "y": y, "eps": eps, "old": old_grad}
    return Case(name, inputs, aspect=aspect, precise=False)


WIDTHS = [6, 5, 3]


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Make a model, attack it, and see what the attack has left behind."""
    model = ask.make("mlp", widths=WIDTHS, seed=inputs["seed"])
    if inputs["x"].dtype == torch.float64:
        model.method("double")
    if inputs["old"] is not None:
        model.set("0.weight.grad", inputs["old"])
    attacked = ask.subject(
        model, inputs["x"], inputs["y"], inputs["eps"], names=("model", "x", "y", "eps")
    )
    attacked.get("requires_grad", about="whether the result has a graph")
    model.get("0.weight.requires_grad", about="whether the model's weights can be trained")


exercise = Exercise(
    id="fgsm",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=1e-5, atol=1e-6, because="one sum in float32; signs are exact"),
    drive=drive,
    also_right=(
        with_the_sum_of_losses,
        with_the_parameters_frozen,
        with_the_gradients_put_back,
    ),
    misconceptions=(
        adds_the_gradient,
        adds_the_gradient_of_the_sum,
        scales_the_gradient_to_length_one,
        scales_the_gradient_to_its_maximum,
        goes_downhill,
        leaves_the_range,
        cuts_off_below_only,
        cuts_off_at_minus_one,
        rescales_into_the_range,
        leaves_gradients_behind,
        clears_the_old_gradients,
        leaves_evaluation_mode_on,
        leaves_the_parameters_frozen,
        edits_the_input,
        returns_the_step_only,
        keeps_the_graph,
        attacks_the_predicted_class,
        lowers_the_true_score_only,
        takes_softmax_twice,
    ),
)
