"""The class report: what its numbers are, whom it points to, and that its page is for everybody."""

import inspect
import shutil
import textwrap
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import sync_playwright

from autograder import catalogue
from autograder.gradebook.marks import Mark, Row
from autograder.report import statistics
from autograder.report.attention import Look, absent, looks
from autograder.report.classroom import report_on
from autograder.report.page import Links, grouped, page_of
from autograder.report.similarity import LEAST, TOGETHER, similar
from autograder.verdict import Outcome
from gradus.reading import Reading
from tests.site.test_site import ARGUMENTS, AXE, FOUND

WHEN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
RIGHT, WRONG, UNSURE = Outcome.RIGHT, Outcome.WRONG, Outcome.COULD_NOT_TELL


def judged(exercise, points, of=2.0, **about):
    """Return the mark of an answer that was judged: right if it has all points."""
    outcome = RIGHT if points == of else WRONG
    return Mark(exercise, points, of, **{"outcome": outcome, "seconds": 0.5, **about})


def pupil(name, *marks, **about):
    """Return a learner with these marks, in an assignment worth their points."""
    worth = sum(mark.max_points for mark in marks)
    return Row(name, marks=marks, max_score=worth, judged=WHEN, **about)


def reversed_kl(name, **about):
    """Return a learner who has entropy right, and the arguments of kl the wrong way round."""
    kl = judged("kl", 0.0, belief="reverses_the_arguments", hint="Which way round?")
    return pupil(name, judged("entropy", 2.0), kl, **about)


def test_scores_are_spread_over_tenths():
    """By hand: 0, 3, 7 and 10 of 10; half of the class lies between 2.25 and 7.75."""
    rows = [pupil(str(points), judged("kl", points, of=10.0)) for points in (0.0, 3.0, 7.0, 10.0)]
    found = statistics.scores([*rows, Row("absent", max_score=10.0)])
    assert found.counts == (1, 0, 0, 1, 0, 0, 0, 1, 0, 1)
    assert (found.learners, found.mean) == (4, 0.5)
    assert found.quartiles == pytest.approx((0.225, 0.5, 0.775))
    assert (found.lowest, found.highest) == (0.0, 1.0)


def test_scores_of_nobody_and_of_one():
    """Nobody has no distribution, and one learner is the whole of it."""
    assert statistics.scores([]) is None
    assert statistics.scores([Row("absent", max_score=2.0)]) is None
    alone = statistics.scores([pupil("ada", judged("kl", 1.0))])
    assert (alone.quartiles, alone.mean) == ((0.5, 0.5, 0.5), 0.5)


def test_difficulty_leaves_out_what_waits():
    """By hand: 2, 1 and 0 of 2 points are half; the open answer is no zero."""
    rows = [
        pupil(name, judged("kl", points)) for name, points in zip("abc", (2, 1, 0), strict=True)
    ]
    rows.append(pupil("d", Mark("kl", None, 2.0, "could not tell", outcome=UNSURE, seconds=99.0)))
    (found,) = statistics.items(rows)
    assert (found.share, found.learners) == (0.5, 3)
    assert found.fates == {"right": 1, "in part": 1, "wrong": 1, "unwritten": 0, "waiting": 1}
    assert (found.seconds, found.longest) == (0.5, 0.5)


def test_discrimination_is_the_correlation_with_the_rest():
    """By hand: products of the deviations add up to 1, their squares to 2.5 and 20, and so it is
    1 / sqrt(50); with the exercise's own points in the total it would be 0.45.
    """
    here = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]
    rest = [1, 2, 1, 2, 3, 3, 4, 4, 5, 5]
    rows = [
        pupil(
            str(at),
            judged("a", one, of=1),
            judged("b", other / 2, of=3),
            judged("c", other / 2, of=3),
        )
        for at, (one, other) in enumerate(zip(here, rest, strict=True))
    ]
    assert statistics.items(rows)[0].discrimination == pytest.approx(0.141421356)


@pytest.mark.parametrize(
    ("learners", "here", "there", "why"),
    [
        (9, (0, 1), (0, 1), "fewer than 10 learners"),
        (10, (1, 1), (0, 1), "all have the same points here"),
        (10, (0, 1), (1, 1), "all have the same points elsewhere"),
    ],
)
def test_no_discrimination_without_reason(learners, here, there, why):
    """Where the number would be chance, or is none, there is a reason in its place."""
    rows = [
        pupil(str(at), judged("a", here[at % 2]), judged("b", there[at % 2]))
        for at in range(learners)
    ]
    found = statistics.items(rows)[0]
    assert (found.discrimination, found.why_not) == (None, why)


def test_misconceptions_are_counted_most_frequent_first():
    """Three learners with one mistake come before one with another; who has none is not named."""
    other = pupil("dan", judged("entropy", 0.0, belief="forgets_the_base", hint="Which unit?"))
    fine = pupil("eve", judged("entropy", 2.0), judged("kl", 2.0))
    odd = pupil("fay", judged("kl", 0.0, finding="it returns None"))
    idle = pupil("gus", judged("kl", 0.0, finding="kl is not yet written"))
    rows = [other, *map(reversed_kl, ("ada", "bob", "cyd")), fine, odd, idle]
    first, second = statistics.misconceptions(rows)
    assert (first.name, first.question) == ("reverses_the_arguments", "Which way round?")
    assert first.students == ("ada", "bob", "cyd")
    assert (second.exercise, second.students) == ("entropy", ("dan",))
    assert statistics.unnamed(rows) == [("kl", [("fay", "it returns None")])]


def test_each_reason_to_look_is_said():
    """What the judge left open, what was edited, late, changed, old, unread or never judged."""
    day = timedelta(days=1)
    open_ = Mark("kl", None, 2.0, "could not tell", "the judge fell over", outcome=UNSURE)
    changed = judged("kl", 2.0, by_judge=0.5)
    again = Mark("kl", None, 2.0, "to read", outcome=WRONG)
    rows = [
        pupil("ada", open_, Mark("why", None, 2.0, "to read")),
        pupil("bob", judged("kl", 2.0, note="its graded cell was edited, and put back")),
        pupil("cyd", changed, late=0.5, overdue=7200.0),
        pupil("dan", again, overdue=7200.0, sandbox="none"),
        pupil("eve", judged("kl", 0.0, finding="kl is not yet written")),
        Row("fay"),
        Row("gus"),
        pupil("hal", judged("kl", 2.0)),
    ]
    names = [row.student for row in rows if row.student != "gus"]
    handed_in = dict.fromkeys(names, WHEN - day) | {"hal": WHEN + day}
    assert looks(rows, handed_in) == [
        Look("ada", "kl", "could not be judged: the judge fell over"),
        Look("ada", "why", "a written answer that nobody has read yet"),
        Look("bob", "kl", "its graded cell was edited, and put back"),
        Look("cyd", "", "late: 0.5 points are taken off"),
        Look("cyd", "kl", "changed by hand: the judge gave 0.5, a person 2"),
        Look("dan", "", "judged without a sandbox: the code could have touched the grader"),
        Look("dan", "", "late by 2 hours, without a penalty"),
        Look(
            "dan", "kl", "a person's points are older than the last judging: are they still right?"
        ),
        Look("eve", "", "nothing is written yet: every function is as it was handed out"),
        Look("fay", "", "handed in, and not graded: run `gradus grade`, which says what is wrong"),
        Look("hal", "", "handed in again since it was graded: run `gradus grade`"),
    ]
    assert absent(rows, handed_in) == ["gus"]


def test_the_rarest_reason_comes_first():
    """What is true of everybody stands below what is true of one."""
    unread = [Look(name, "why", "unread") for name in "abc"]
    assert grouped((*unread, Look("b", "kl", "edited"))) == [
        ("kl", "edited", ["b"]),
        ("why", "unread", ["a", "b", "c"]),
    ]


STUB = """def lengths(p):
    \"\"\"Return the length of each word.\"\"\"
    raise NotImplementedError("not yet written")
"""
MODEL = """def lengths(p):
    heap = [(weight, [index]) for index, weight in enumerate(p.tolist())]
    heapq.heapify(heap)
    depth = [0] * len(p)
    while len(heap) > 1:
        (a, left), (b, right) = heapq.heappop(heap), heapq.heappop(heap)
        for index in left + right:
            depth[index] += 1
        heapq.heappush(heap, (a + b, left + right))
    return torch.tensor(depth)
"""
OWN = """def lengths(p):
    # one tree for each outcome
    trees = {number: [number] for number in range(p.numel())}
    weights = {number: float(p[number]) for number in trees}
    depths = torch.zeros(p.numel(), dtype=torch.long)
    while len(trees) >= 2:
        # the two lightest
        first, second = sorted(trees, key=lambda number: weights[number])[:2]
        joined = trees.pop(first) + trees.pop(second)
        depths[joined] += 1
        fresh = max(weights) + 1
        weights[fresh] = weights[first] + weights[second]
        trees[fresh] = joined
    return depths
"""
COPY = """def lengths(probabilities: Tensor) -> Tensor:
    \"\"\"My own work.\"\"\"
    w = {i: [i] for i in range(probabilities.numel())}
    m = {i: float(probabilities[i]) for i in w}

    out = torch.zeros(probabilities.numel(), dtype=torch.long)  # nothing yet
    while len(w) >= 2:
        x, y = sorted(w, key=lambda i: m[i])[:2]
        z = w.pop(x) + w.pop(y)
        # these move down
        out[z] += 1
        new = max(m) + 1
        m[new] = m[x] + m[y]
        w[new] = z
    return out
"""
ANOTHER = """def lengths(p):
    def deepen(tree):
        return [(symbol, d + 1) for symbol, d in tree]

    queue = sorted((q.item(), [(s, 0)]) for s, q in enumerate(p))
    while queue[1:]:
        q1, t1 = queue.pop(0)
        q2, t2 = queue.pop(0)
        queue.append((q1 + q2, deepen(t1) + deepen(t2)))
        queue.sort()
    result = dict(queue[0][1])
    return torch.tensor([result[s] for s in range(len(p))])
"""
SHORT = """def kl(p, q, base=2.0):
    ratio = torch.log(p / q)
    terms = torch.where(p > 0, p * ratio, 0.0)
    return terms.sum(-1) / math.log(base)
"""
SHORT_ENTROPY = """def entropy(p):
    safe = p.clamp_min(1e-9)
    return -(p * safe.log2()).sum(dim=-1)
"""
SHORT_MEAN = """def mean(x, w):
    total = sum(a * b for a, b in zip(x, w))
    return total / max(len(x), 1)
"""
SHORT_HOT = """def hot(y, k):
    rows = torch.arange(len(y))
    z = torch.zeros(len(y), k)
    z[rows, y] = 1
    return z
"""


def test_a_copy_with_other_names_is_found():
    """Renamed variables, moved comments and new annotations change nothing; another way does."""
    answers = {"ada": OWN, "bob": COPY, "cyd": ANOTHER, "dan": MODEL, "eve": STUB, "fay": "def ("}
    found = similar(
        {name: {"huffman": text} for name, text in answers.items()}, {"huffman": [STUB, MODEL]}
    )
    (pair,) = found
    assert (pair.first, pair.second) == ("ada", "bob")
    (match,) = pair.matches
    assert match.exercise == "huffman"
    assert match.shared == match.of >= LEAST


def test_a_copy_of_many_short_answers_is_found_by_all_of_them():
    """No short answer accuses anybody; four that are all the same are worth a look."""
    texts = {"kl": SHORT, "entropy": SHORT_ENTROPY, "mean": SHORT_MEAN, "hot": SHORT_HOT}
    assert similar({"ada": {"kl": SHORT}, "bob": {"kl": SHORT}}, {}) == []
    (pair,) = similar({"ada": texts, "bob": texts}, {})
    assert [match.exercise for match in pair.matches] == [TOGETHER]
    assert set(pair.exercises) == set(texts)


def test_two_ways_to_be_right_are_not_alike():
    """Of the right answers that the specs know, no two are taken for copies."""
    pairs = 0
    for name in catalogue.exercise_ids():
        exercise = catalogue.find(name)
        plain = filter(inspect.isfunction, (exercise.reference, *exercise.also_right))
        texts = {one.__qualname__: textwrap.dedent(inspect.getsource(one)) for one in plain}
        pairs += len(texts) * (len(texts) - 1) // 2
        assert similar({who: {name: text} for who, text in texts.items()}, {}) == [], name
    assert pairs > 100


def test_what_everybody_writes_accuses_nobody():
    """What more than ten have, or the model answer, is no sign of copying."""
    assert len(similar({str(at): {"huffman": OWN} for at in range(10)}, {})) == 45
    assert similar({str(at): {"huffman": OWN} for at in range(11)}, {}) == []
    assert (
        similar({"ada": {"huffman": MODEL}, "bob": {"huffman": MODEL}}, {"huffman": [MODEL]}) == []
    )


NASTY = "<script>alert(1)</script>"


def many():
    """Return a class with everything in it, and names in many scripts."""
    names = [
        "ada",
        "Zoë Müller",
        "张伟",
        "עדה",
        NASTY,
        "x" * 80,
        *(f"learner{at}" for at in range(9)),
    ]
    rows = [
        reversed_kl(name, first_name=NASTY, late=0.25 * (at == 1)) for at, name in enumerate(names)
    ]
    rows[0] = pupil("ada", judged("entropy", 1.0, note="its graded cell was edited, and put back"))
    rows[3] = pupil("עדה", judged("entropy", 0.0, finding=f"case “{NASTY}”: got " + "1" * 90))
    rows[5] = pupil("x" * 80, judged("entropy", 2.0), Mark("kl", None, 2.0, "could not tell"))
    return [*rows, Row("absent", max_score=4.0)]


def written(rows, answers=None):
    """Return the page on a class."""
    read = {"kl": Reading("book/kl", "zeros", "Divergence", "Zeros")}
    found = report_on("ps02", rows, {}, answers or {}, read=read)
    links = Links({"ada": "../feedback/ada.html"}, {"kl": "https://example.org/kl.html#zeros"})
    return page_of(found, links)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_small_class_has_a_page_too(size):
    """With nobody, one or two learners it says what can be said."""
    text = written([reversed_kl(name) for name in ("ada", "bob")[:size]])
    assert ("Nobody has handed ps02 in yet." in text) == (size == 0)
    assert ("reverses the arguments" in text) == (size > 0)
    assert ("not shown: fewer than 10 learners" in text) == (size > 0)


def test_what_learners_are_called_and_wrote_is_text():
    """A tag in a name, a finding or a copied answer stays text; the link is where it should be."""
    answers = {name: {"huffman": f"# {NASTY}\n{OWN}"} for name in ("ada", "Zoë Müller")}
    text = written(many(), answers)
    assert "<script" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 3
    assert "张伟" in text
    assert '<a href="../feedback/ada.html#entropy-graded">ada</a>' in text
    assert '<a href="https://example.org/kl.html#zeros">“Zeros” in Divergence</a>' in text
    assert "12 of 15" in text


@pytest.mark.slow
def test_the_page_is_for_everybody(tmp_path):
    """Wide and narrow, light and dark, all of it open: no scrolling sideways, no request, and
    nothing that axe would mend.
    """
    path = tmp_path / "ps02.html"
    answers = {name: {"huffman": OWN + "#" * 300} for name in ("ada", "Zoë Müller")}
    path.write_text(written(many(), answers), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        for width in (390, 1280):
            for scheme in ("light", "dark"):
                seen = browser.new_page(
                    viewport={"width": width, "height": 844}, color_scheme=scheme
                )
                noticed = []
                seen.on("request", lambda request, found=noticed: found.append(request.url))
                seen.on("console", lambda message, found=noticed: found.append(message.text))
                seen.goto(path.as_uri())
                seen.evaluate(
                    "document.querySelectorAll('details').forEach(one => one.open = true)"
                )
                assert seen.evaluate("document.documentElement.scrollWidth") <= width
                assert noticed == [path.as_uri()]
                seen.add_script_tag(path=AXE)
                assert seen.evaluate(FOUND) == []
        browser.close()
