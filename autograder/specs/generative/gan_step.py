"""One step of a generative adversarial network: the discriminator learns, then the generator.

The contract, as the learner's stub states it::

    def gan_step(G, D, og, od, x, z):
        '''Let the discriminator take one step, then the generator, and return both losses.

        ``G`` turns noise ``z`` (fakes, noise) into examples (fakes, features); ``D`` turns
        examples into logits (examples, 1), high for real ones. ``x`` (reals, features) are real;
        there may be more of them than fakes, or fewer. ``og`` holds the parameters of G, ``od``
        those of D.

        1. The discriminator's loss is the mean binary cross-entropy of D on x, with label 1,
           plus that of D on G(z), with label 0: a sum of two means, not halved. D alone takes
           one step of od.
        2. The generator's loss is the mean binary cross-entropy of the D just updated on G(z),
           for the same z, with label 1 (the non-saturating loss of Goodfellow et al.). G alone
           takes one step of og.

        Returns (discriminator's loss, generator's loss), two floats, each as it was before the
        step it led to. Gradients may be there when the function begins, and must not count; what
        is in ``.grad`` afterwards does not matter. Both models keep their mode, and their
        parameters can be trained afterwards as before.
        '''
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Tolerance


def reference(
    G: nn.Module, D: nn.Module, og: Optimizer, od: Optimizer, x: Tensor, z: Tensor
) -> tuple[float, float]:
    """Goodfellow et al. (2014), algorithm 1 with k = 1 and the generator's loss of section 3."""
    fake = G(z)  # (fakes, features)
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def cross_entropy(logits: Tensor, label: float) -> Tensor:
    """Return the mean binary cross-entropy of ``logits``, all with the same label."""
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def with_softplus(G, D, og, od, x, z):
    with torch.no_grad():
        fake = G(z)
    od.zero_grad(set_to_none=False)
    loss_d = functional.softplus(-D(x)).mean() + functional.softplus(D(fake)).mean()
    loss_d.backward()
    od.step()
    for parameter in D.parameters():
        parameter.requires_grad_(False)
    og.zero_grad()
    loss_g = functional.softplus(-D(G(z))).mean()
    loss_g.backward()
    og.step()
    for parameter in D.parameters():
        parameter.requires_grad_(True)
    return float(loss_d.detach()), float(loss_g.detach())


def with_autograd_grad(G, D, og, od, x, z):
    criterion = nn.BCEWithLogitsLoss(reduction="sum")

    def step(model, optimizer, loss):
        parameters = list(model.parameters())
        for parameter, grad in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            parameter.grad = grad
        optimizer.step()
        return loss.item()

    logits = D(torch.cat([x, G(z).detach()]))
    real, fake = logits.split([len(x), len(z)])
    d = criterion(real, torch.ones_like(real)) / len(x)
    d = d + criterion(fake, torch.zeros_like(fake)) / len(z)
    d_loss = step(D, od, d)
    logits = D(G(z))
    return d_loss, step(G, og, criterion(logits, torch.ones_like(logits)) / len(z))


def without_detach_but_clean(G, D, og, od, x, z):
    """Wasteful, and right: the generator's gradients of the first loss are thrown away."""
    od.zero_grad()
    d_loss = -functional.logsigmoid(D(x)).mean() - functional.logsigmoid(-D(G(z))).mean()
    d_loss.backward()
    od.step()
    og.zero_grad()
    g_loss = -functional.logsigmoid(D(G(z))).mean()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def lets_the_first_loss_train_the_generator(G, D, og, od, x, z):
    """The discriminator's loss reaches the generator, too. Which gradients does G hold when its
    own loss goes backward, and what would the first loss teach it?
    """
    og.zero_grad()
    od.zero_grad()
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(G(z)), 0.0)
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(G(z)), 1.0)
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def goes_backward_twice_through_one_graph(G, D, og, od, x, z):
    """Both of your losses share one graph, and the first backward pass uses it up. Does the
    discriminator's loss have any business in the generator's part of it?
    """
    fake = G(z)
    od.zero_grad()
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake), 0.0)
    d_loss.backward()
    od.step()
    og.zero_grad()
    g_loss = cross_entropy(D(fake), 1.0)
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def detaches_in_both_steps(G, D, og, od, x, z):
    """Compare the generator's parameters before and after your step. Through what must its loss
    reach them?
    """
    fake = G(z).detach()
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def updates_the_discriminator_again(G, D, og, od, x, z):
    """In its step the generator's loss leaves gradients in D as well. Who should move by them?"""
    fake = G(z)
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake), 1.0)
    og.zero_grad()
    od.zero_grad()
    g_loss.backward()
    og.step()
    od.step()
    return d_loss.item(), g_loss.item()


def never_clears(G, D, og, od, x, z):
    """`backward` adds to what it finds in `.grad`. What may be there when your function begins?"""
    fake = G(z)
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake), 1.0)
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def clears_the_generator_alone(G, D, og, od, x, z):
    """The generator's loss goes backward through D. What does it leave there for the next time?"""
    fake = G(z)
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def clears_the_discriminator_alone(G, D, og, od, x, z):
    """The discriminator begins with clean gradients. Does the generator?"""
    fake = G(z)
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake), 1.0)
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def lets_the_generator_minimise_the_minimax_loss(G, D, og, od, x, z):
    """A fake that D sees through gives your loss almost no slope. Which label did you give the
    fakes in the generator's step, and which does the contract ask for?
    """
    fake = G(z)
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = -cross_entropy(D(fake), 0.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def lets_the_generator_help_the_discriminator(G, D, og, od, x, z):
    """What would the generator like D to think of its fakes? Which label says so?"""
    fake = G(z)
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake), 0.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def swaps_the_labels(G, D, og, od, x, z):
    """After many of your steps, for which examples would D give high logits?"""
    fake = G(z)
    d_loss = cross_entropy(D(x), 0.0) + cross_entropy(D(fake.detach()), 1.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake), 0.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def trains_the_generator_first(G, D, og, od, x, z):
    """Which of the two learns first, and whose verdict should the other one learn from?"""
    g_loss = cross_entropy(D(G(z)), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(G(z).detach()), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    return d_loss.item(), g_loss.item()


def asks_the_old_discriminator(G, D, og, od, x, z):
    """The generator learns from D's verdict on its fakes. Was yours given before D learned, or
    after?
    """
    fake = G(z)
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)
    g_loss = cross_entropy(D(fake), 1.0)
    og.zero_grad()
    g_loss.backward()
    od.zero_grad()
    d_loss.backward()
    od.step()
    og.step()
    return d_loss.item(), g_loss.item()


def halves_the_loss_of_the_discriminator(G, D, og, od, x, z):
    """Half of everything was fake, so you halved. Does the contract ask for the mean of the two
    means, or for their sum?
    """
    fake = G(z)
    d_loss = (cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)) / 2
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def averages_reals_and_fakes_together(G, D, og, od, x, z):
    """With as many fakes as reals you are right. With one fake and many reals, how much would D
    care about the fake?
    """
    fake = G(z)
    logits = D(torch.cat([x, fake.detach()]))
    labels = torch.cat([torch.ones(len(x), 1), torch.zeros(len(z), 1)]).to(logits)
    d_loss = 2 * functional.binary_cross_entropy_with_logits(logits, labels)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def sums_over_the_examples(G, D, og, od, x, z):
    """Twice as many examples: what becomes of the length of your step? What should?"""
    fake = G(z)
    d_loss = functional.softplus(-D(x)).sum() + functional.softplus(D(fake.detach())).sum()
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = functional.softplus(-D(fake)).sum()
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def squashes_twice(G, D, og, od, x, z):
    """D returns logits. What does a loss that is called `with_logits` do to its input, and what
    had you done to it before?
    """
    fake = G(z)
    d_loss = cross_entropy(D(x).sigmoid(), 1.0) + cross_entropy(D(fake.detach()).sigmoid(), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake).sigmoid(), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def takes_squared_errors(G, D, og, od, x, z):
    """To tell real from fake is to classify. Which loss belongs to a classifier that returns
    logits?
    """
    fake = G(z)
    d_loss = (D(x) - 1).square().mean() + D(fake.detach()).square().mean()
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = (D(fake) - 1).square().mean()
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def forgets_the_fakes(G, D, og, od, x, z):
    """A discriminator that calls everything real has your smallest loss. What else should it be
    shown?
    """
    d_loss = cross_entropy(D(x), 1.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(G(z)), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def draws_new_noise(G, D, og, od, x, z):
    """The contract asks for the same noise in both steps. Where does yours come from the second
    time?
    """
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(G(z).detach()), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(G(torch.randn_like(z))), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def freezes_the_discriminator(G, D, og, od, x, z):
    """Your first step is right. What can D still learn in the second?"""
    fake = G(z)
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    for parameter in D.parameters():
        parameter.requires_grad = False
    g_loss = cross_entropy(D(fake), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def leaves_the_discriminator_in_eval_mode(G, D, og, od, x, z):
    """Your losses and steps are right. In which mode did you find D, and in which do you leave
    it?
    """
    fake = G(z)
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    D.eval()
    g_loss = cross_entropy(D(fake), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()


def returns_tensors(G, D, og, od, x, z):
    """A loss that is a tensor keeps its history alive. Which method makes a number of it?"""
    fake = G(z)
    d_loss = cross_entropy(D(x), 1.0) + cross_entropy(D(fake.detach()), 0.0)
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = cross_entropy(D(fake), 1.0)
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss, g_loss


def returns_the_generators_loss_first(G, D, og, od, x, z):
    """Your models are trained right. In which order are the two losses to be returned?"""
    d_loss, g_loss = reference(G, D, og, od, x, z)
    return g_loss, d_loss


def measures_after_the_step(G, D, og, od, x, z):
    """Your models are trained right. Does the loss that you return belong to the generator before
    its step, or after?
    """
    d_loss, _ = reference(G, D, og, od, x, z)
    with torch.no_grad():
        return d_loss, cross_entropy(D(G(z)), 1.0).item()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield case(rng, "linear models, three reals and three fakes", 3, 3, "one step")
    yield case(rng, "one real and one fake", 1, 1, "one step")
    yield case(rng, "five reals and two fakes", 5, 2, "unequal numbers")
    yield case(rng, "old gradients in both models", 3, 3, "old gradients", old=True)
    yield case(rng, "hidden layers, two steps with momentum", 3, 3, "two steps", 2, steps=2)


def case(
    rng: Generator,
    name: str,
    reals: int,
    fakes: int,
    aspect: str,
    hidden: int = 0,
    old: bool = False,
    steps: int = 1,
) -> Case:
    """Draw reals and noise, and the seeds of two models."""
    inner = [hidden] if hidden else []
    inputs = {
        "generator": [2, *inner, 3],
        "discriminator": [3, *inner, 1],
        "seeds": torch.randint(10**6, (2,), generator=rng).tolist(),
        "steps": [
            (
                1 + torch.randn(reals, 3, generator=rng),
                torch.randn(fakes, 2, generator=rng),
            )
            for _ in range(steps)
        ],
        "old": torch.randn(4, 3, generator=rng) if old else None,
        "momentum": 0.5 if steps > 1 else 0.0,
    }
    return Case(name, inputs, aspect=aspect, precise=False)


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Make both models and their optimizers, take the steps, look at the parameters after each."""
    seed_g, seed_d = inputs["seeds"]
    generator = ask.make("mlp", widths=inputs["generator"], seed=seed_g)
    discriminator = ask.make("mlp", widths=inputs["discriminator"], seed=seed_d)
    momentum = inputs["momentum"]
    og = ask.make("sgd", model=generator, lr=0.5, momentum=momentum)
    od = ask.make("sgd", model=discriminator, lr=0.5, momentum=momentum)
    if inputs["old"] is not None:
        generator.set("0.weight.grad", inputs["old"][:3, :2].clone())
        discriminator.set("0.weight.grad", inputs["old"][3:].clone())
    for number, (x, z) in enumerate(inputs["steps"], 1):
        ask.ask(
            {
                "verb": "call",
                "of": 0,
                "args": [generator, discriminator, og, od, x, z],
                "kwargs": {},
                "names": ["G", "D", "og", "od", "x", "z"],
                "seed": inputs["seeds"][0],  # for code that draws numbers of its own
            },
            about=f"losses returned by step {number}",
        )
        discriminator.method("state_dict", about=f"parameters of D after step {number}")
        generator.method("state_dict", about=f"parameters of G after step {number}")


exercise = Exercise(
    id="gan_step",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=1e-4, atol=1e-5, because="two steps of small float32 models"),
    drive=drive,
    also_right=(with_softplus, with_autograd_grad, without_detach_but_clean),
    misconceptions=(
        lets_the_first_loss_train_the_generator,
        goes_backward_twice_through_one_graph,
        detaches_in_both_steps,
        updates_the_discriminator_again,
        never_clears,
        clears_the_generator_alone,
        clears_the_discriminator_alone,
        lets_the_generator_minimise_the_minimax_loss,
        lets_the_generator_help_the_discriminator,
        swaps_the_labels,
        trains_the_generator_first,
        asks_the_old_discriminator,
        halves_the_loss_of_the_discriminator,
        averages_reals_and_fakes_together,
        sums_over_the_examples,
        squashes_twice,
        takes_squared_errors,
        forgets_the_fakes,
        draws_new_noise,
        freezes_the_discriminator,
        leaves_the_discriminator_in_eval_mode,
        returns_tensors,
        returns_the_generators_loss_first,
        measures_after_the_step,
    ),
    credit={"one step": 0.4, "unequal numbers": 0.2, "old gradients": 0.2, "two steps": 0.2},
)
