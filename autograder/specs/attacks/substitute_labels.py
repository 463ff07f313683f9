"""Training data for a substitute model, labelled by a black box that counts its questions.

The contract, as the learner's stub states it::

    def substitute_labels(query, x0, rounds, generator):
        '''Return examples and the labels that a black box gives them, without a wasted question.

        ``query(x)`` takes examples (n, features) and returns scores (n, classes); an example's
        label is the class with its largest score. It answers about n0 * 2**rounds examples in
        all, in one call or in many, and raises an error at the next. Nothing else is known of
        the model behind it.

        ``x0`` (n0, features) are the first examples. Each round adds one new example to each
        that is there: with x all examples so far, the new ones are
        ``x + torch.randn(x.shape, generator=generator)``, drawn in one call and put after the
        old ones. So their number doubles in each round; with rounds = 0, x0 alone is labelled.
        Draw nothing else from ``generator``.

        Returns (x, y): all examples (n0 * 2**rounds, features) with the dtype of x0, and their
        labels (n0 * 2**rounds,), int64. x0 is not changed.
        '''

Papernot et al. (2017) move each example along the sign of the substitute's Jacobian; here the
substitute is not yet there, and the direction is left to chance.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Query, Recipe, Tolerance

Ask = Callable[[Tensor], Tensor]

FEATURES, CLASSES = 2, 5


def reference(query: Ask, x0: Tensor, rounds: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Papernot et al. (2017), algorithm 1, with random steps in place of the Jacobian's."""
    x, y = x0, query(x0).argmax(-1)
    for _ in range(rounds):
        new = x + torch.randn(x.shape, generator=generator)  # (examples so far, features)
        y = torch.cat([y, query(new).argmax(-1)])
        x = torch.cat([x, new])
    return x, y


def asks_once_at_the_end(query, x0, rounds, generator):
    x = x0.clone()
    for _ in range(rounds):
        x = torch.cat((x, x + torch.randn(x.shape, generator=generator)), dim=0)
    return x, query(x).max(dim=1).indices


def asks_one_by_one(query, x0, rounds, generator):
    points = [x0]
    for _ in range(rounds):
        known = torch.vstack(points)
        points.append(known + torch.randn(known.shape, generator=generator))
    x = torch.vstack(points)
    y = torch.zeros(len(x), dtype=torch.long)
    for i in range(len(x)):
        scores = query(x[i : i + 1])[0].tolist()
        y[i] = scores.index(max(scores))
    return x, y


def fills_two_arrays(query, x0, rounds, generator):
    n = x0.shape[0]
    x = x0.new_empty(n << rounds, x0.shape[1])
    y = torch.empty(n << rounds, dtype=torch.int64)
    x[:n], done = x0, 0
    for turn in range(rounds + 1):
        end = n << turn
        y[done:end] = torch.topk(query(x[done:end]), 1).indices.squeeze(1)
        if turn < rounds:
            noise = torch.randn(end, x0.shape[1], generator=generator)
            x[end : 2 * end] = x[:end] + noise
        done = end
    return x, y


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def grown(x0, rounds, generator):
    """Return all examples, as the contract asks."""
    x = x0
    for _ in range(rounds):
        x = torch.cat([x, x + torch.randn(x.shape, generator=generator)])
    return x


def labels_by_a_rule_of_its_own(query, x0, rounds, generator):
    """Your labels follow from the examples alone. Whose opinion of them does the attack need?"""
    x = grown(x0, rounds, generator)
    return x, (x.sum(-1) > 0).long()


def reads_the_weights(query, x0, rounds, generator):
    """A black box has one thing that you may use. What is it?"""
    x = grown(x0, rounds, generator)
    return x, (x @ query.weight.T + query.bias).argmax(-1)


def asks_about_all_points_in_each_round(query, x0, rounds, generator):
    """After two rounds, how often had the first examples been asked about? Where could their labels
    have been kept?
    """
    x, y = x0, query(x0).argmax(-1)
    for _ in range(rounds):
        x = torch.cat([x, x + torch.randn(x.shape, generator=generator)])
        y = query(x).argmax(-1)
    return x, y


def asks_twice_about_each_point(query, x0, rounds, generator):
    """One question about an example is enough. How often do you call `query` for each?"""
    x = grown(x0, rounds, generator)
    y = [query(row[None]).argmax(-1) for row in x if query(row[None]).isfinite().all()]
    return x, torch.cat(y)


def ignores_the_refusal(query, x0, rounds, generator):
    """Your examples and labels are right, and you went on asking when you were told to stop. Which
    questions did you ask twice?
    """
    x, y = x0, query(x0).argmax(-1)
    for _ in range(rounds):
        new = x + torch.randn(x.shape, generator=generator)
        y = torch.cat([y, query(new).argmax(-1)])
        x = torch.cat([x, new])
    with contextlib.suppress(RuntimeError):
        y = query(x).argmax(-1)
    return x, y


def lets_new_points_inherit_labels(query, x0, rounds, generator):
    """A step may cross the border between two classes, and you look for that border. Who says that
    a new example has the label of the old one?
    """
    x, y = x0, query(x0).argmax(-1)
    for _ in range(rounds):
        x = torch.cat([x, x + torch.randn(x.shape, generator=generator)])
        y = torch.cat([y, y])
    return x, y


def takes_the_largest_of_each_class(query, x0, rounds, generator):
    """Scores have a row for each example and a column for each class. How many labels should come
    back, and how many do?
    """
    x, y = x0, query(x0).argmax(0)
    for _ in range(rounds):
        new = x + torch.randn(x.shape, generator=generator)
        y = torch.cat([y, query(new).argmax(0)])
        x = torch.cat([x, new])
    return x, y


def takes_the_smallest_score(query, x0, rounds, generator):
    """Which score belongs to the class that the black box believes in?"""
    x = grown(x0, rounds, generator)
    return x, query(x).argmin(-1)


def returns_the_scores(query, x0, rounds, generator):
    """The black box gives five numbers for each example. Which single number is asked for?"""
    x = grown(x0, rounds, generator)
    return x, query(x)


def returns_the_largest_scores(query, x0, rounds, generator):
    """You return how large the largest score is. Is that which class it belongs to?"""
    x = grown(x0, rounds, generator)
    return x, query(x).max(-1).values


def grows_around_the_first_points_only(query, x0, rounds, generator):
    """How many examples are there after two rounds, and how many should there be? Around which ones
    do you draw?
    """
    x, y = x0, query(x0).argmax(-1)
    for _ in range(rounds):
        new = x0 + torch.randn(x0.shape, generator=generator)
        x, y = torch.cat([x, new]), torch.cat([y, query(new).argmax(-1)])
    return x, y


def grows_around_the_newest_points_only(query, x0, rounds, generator):
    """In the second round, which examples get a new one beside them, and which do not?"""
    x, y, new = x0, query(x0).argmax(-1), x0
    for _ in range(rounds):
        new = new + torch.randn(new.shape, generator=generator)
        x, y = torch.cat([x, new]), torch.cat([y, query(new).argmax(-1)])
    return x, y


def moves_the_points(query, x0, rounds, generator):
    """Where are the first examples when your rounds are over? A data set is to grow."""
    x = x0
    for _ in range(rounds):
        x = x + torch.randn(x.shape, generator=generator)
    return x, query(x).argmax(-1)


def adds_the_steps_in_place(query, x0, rounds, generator):
    """Your examples are right. Look at `x0` after the call: what has `+=` done to it?"""
    x = x0
    for _ in range(rounds):
        old = x.clone()
        x += torch.randn(x.shape, generator=generator)
        x = torch.cat([old, x])
    return x, query(x).argmax(-1)


def counts_the_first_labels_as_a_round(query, x0, rounds, generator):
    """With rounds = 1, how often is something drawn?"""
    x = grown(x0, max(rounds - 1, 0), generator)
    return x, query(x).argmax(-1)


def forgets_to_label_the_last_points(query, x0, rounds, generator):
    """Are there as many labels as examples? What happens to those that the last round added?"""
    x, labelled, y = x0, 0, torch.empty(0, dtype=torch.long)
    for _ in range(rounds):
        y = torch.cat([y, query(x[labelled:]).argmax(-1)])
        labelled = len(x)
        x = torch.cat([x, x + torch.randn(x.shape, generator=generator)])
    return x, y


def returns_the_last_points_only(query, x0, rounds, generator):
    """What do you return of the examples of earlier rounds, whose labels have been paid for?"""
    x, y = x0, query(x0).argmax(-1)
    new = x
    for _ in range(rounds):
        new = x + torch.randn(x.shape, generator=generator)
        y = query(new).argmax(-1)
        x = torch.cat([x, new])
    return new, y


def puts_new_points_first(query, x0, rounds, generator):
    """You put the new examples before the old ones. And their labels?"""
    x, y = x0, query(x0).argmax(-1)
    for _ in range(rounds):
        new = x + torch.randn(x.shape, generator=generator)
        y = torch.cat([y, query(new).argmax(-1)])
        x = torch.cat([new, x])
    return x, y


def takes_one_step_for_all(query, x0, rounds, generator):
    """Two examples move by the same vector in your rounds. How many numbers do you draw, and how
    many are needed?
    """
    x = x0
    for _ in range(rounds):
        x = torch.cat([x, x + torch.randn(x.shape[-1], generator=generator)])
    return x, query(x).argmax(-1)


def draws_uniform_numbers(query, x0, rounds, generator):
    """Your steps never go down in any feature. What does `torch.rand` draw, and what
    `torch.randn`?
    """
    x = x0
    for _ in range(rounds):
        x = torch.cat([x, x + torch.rand(x.shape, generator=generator)])
    return x, query(x).argmax(-1)


def leaves_the_generator_aside(query, x0, rounds, generator):
    """Run twice with the same seed: do the same examples come? What is `generator` for?"""
    x = x0
    for _ in range(rounds):
        x = torch.cat([x, x + torch.randn_like(x)])
    return x, query(x).argmax(-1)


def restarts_the_generator(query, x0, rounds, generator):
    """The first steps of your second round are those of the first once more. What becomes of the
    generator in between?
    """
    seed, x = generator.initial_seed(), x0
    for _ in range(rounds):
        x = torch.cat([x, x + torch.randn(x.shape, generator=generator.manual_seed(seed))])
    return x, query(x).argmax(-1)


def returns_lists(query, x0, rounds, generator):
    """Your labels are right. What would a loss function say of a list of them?"""
    x = grown(x0, rounds, generator)
    return x, query(x).argmax(-1).tolist()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield case(rng, "eight examples, no rounds", 8, 0, "labels")
    yield case(rng, "eight examples, one round", 8, 1, "labels")
    yield case(rng, "four examples, three rounds", 4, 3, "rounds")
    yield case(rng, "a single example, three rounds", 1, 3, "rounds")
    yield case(rng, "a transposed tensor, two rounds", 5, 2, "rounds", transposed=True)


def case(
    rng: Generator, name: str, count: int, rounds: int, aspect: str, transposed: bool = False
) -> Case:
    """Draw examples where the classes have their centres, and the seeds of box and generator."""
    box, own = torch.randint(10**6, (2,), generator=rng).tolist()
    if transposed:
        x0 = 2 * torch.randn(FEATURES, count, generator=rng).T
    else:
        x0 = 2 * torch.randn(count, FEATURES, generator=rng)
    inside = Recipe("oracle", {"features": FEATURES, "classes": CLASSES, "seed": box})
    inputs = {
        "query": Query(count * 2**rounds, inside),
        "x0": x0,
        "rounds": rounds,
        "generator": Recipe("generator", {"seed": own}),
    }
    return Case(name, inputs, aspect=aspect, precise=False)


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Call once, with a black box that counts."""
    found = ask.ask(
        {
            "verb": "call",
            "of": 0,
            "args": list(inputs.values()),
            "kwargs": {},
            "names": list(inputs),
            "seed": inputs["generator"].arguments["seed"] + 1,  # for those who draw elsewhere
        }
    )
    found.within(
        "queries",
        at_most=inputs["query"].budget,
        because="each example is asked about once; a refused question is a question",
    )


exercise = Exercise(
    id="substitute_labels",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=1e-5, atol=1e-6, because="the sum of at most six float32 numbers"),
    drive=drive,
    also_right=(asks_once_at_the_end, asks_one_by_one, fills_two_arrays),
    misconceptions=(
        labels_by_a_rule_of_its_own,
        reads_the_weights,
        asks_about_all_points_in_each_round,
        asks_twice_about_each_point,
        ignores_the_refusal,
        lets_new_points_inherit_labels,
        takes_the_largest_of_each_class,
        takes_the_smallest_score,
        returns_the_scores,
        returns_the_largest_scores,
        grows_around_the_first_points_only,
        grows_around_the_newest_points_only,
        moves_the_points,
        adds_the_steps_in_place,
        counts_the_first_labels_as_a_round,
        forgets_to_label_the_last_points,
        returns_the_last_points_only,
        puts_new_points_first,
        takes_one_step_for_all,
        draws_uniform_numbers,
        leaves_the_generator_aside,
        restarts_the_generator,
        returns_lists,
    ),
    credit={"labels": 0.5, "rounds": 0.5},
)
