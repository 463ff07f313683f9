"""Practice in the notebook: at once, from data alone, with the hint a judge would give."""

import asyncio
import gc
import os

import pytest
import torch

from autograder import catalogue
from autograder.notebooks.practice import practice_pack
from gradus.feedback import Card
from gradus.practice import PACK, check, get_ready


@pytest.fixture
def practice(tmp_path, monkeypatch):
    """Stand in a folder with a practice pack for ``kl``."""
    (tmp_path / PACK).write_bytes(practice_pack(["kl"], {"kl": catalogue.find("kl")}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADUS_JUDGE", raising=False)


def reversed_kl(p, q, base=2.0):
    """Divergence in the other direction, as the study notes have it."""
    ratio = torch.where(q > 0, q, 1.0) / torch.where(q > 0, p, 1.0)
    terms = torch.where(q > 0, q * ratio.log(), 0.0)
    return terms.sum(-1) / torch.tensor(base).log()


def test_right_answer_is_told_so(practice):
    """The reference itself is right."""
    assert check("kl", catalogue.find("kl").reference).outcome == "right"


def test_named_misconception_gives_its_question(practice):
    """Arguments exchanged, in the learner's own words, get the hint that belongs to it."""
    card = check("kl", reversed_kl)
    assert card.outcome == "wrong"
    assert card.hint.startswith("You measured from q to p.")


def test_other_mistakes_get_the_first_difference_and_no_guess(practice):
    """An answer that no belief explains is quoted, not diagnosed."""
    card = check("kl", lambda p, q, base=2.0: (p - q).abs().sum(-1))
    assert card.finding == "case “a fair coin coded as a biased one”: expected 0.73697, got 0.8"
    assert card.hint == ""


def test_stub_is_not_yet_written(practice):
    """The released stub is no mistake."""

    def stub(p, q, base=2.0):
        raise NotImplementedError("not yet written")

    assert check("kl", stub).outcome == "unwritten"


def test_a_belief_goes_before_what_anyone_may_have_done(practice):
    """A general question is asked where no misconception of the exercise explains the answer."""
    assert "every way" in check("kl", lambda p, q, base=2.0: None).hint
    assert "from q to p" in check("kl", reversed_kl).hint


def test_a_check_that_is_stopped_says_where(practice):
    """The stop button ends a loop; the card shows the line that was at work, not a traceback."""

    def endless(p, q, base=2.0):
        raise KeyboardInterrupt  # as the button does

    card = check("kl", endless)
    assert "when you stopped it" in card.finding
    assert "raise KeyboardInterrupt" in card.line


def test_calling_instead_of_naming_is_explained(practice):
    """check("kl", kl(p, q)) is told what to write."""
    assert "Did you call it" in check("kl", torch.tensor(0.5)).hint


def test_unknown_exercise_lists_those_there_are(practice):
    """A typing mistake in the name is answered with the names."""
    assert '"kl"' in check("k1", len).finding


def test_missing_and_damaged_packs_are_said_to_be_so(tmp_path, monkeypatch):
    """Without a pack, or with a broken one, nobody is told that they are wrong."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADUS_JUDGE", raising=False)
    assert "no practice pack" in check("kl", len).finding
    (tmp_path / PACK).write_bytes(b"half a file")
    assert check("kl", len).outcome == "could not tell"
    assert "damaged" in check("kl", len).finding


def test_practice_is_silent_while_a_set_is_graded(practice, monkeypatch):
    """In the sandbox the judge asks, and the practice cell shows nothing."""
    monkeypatch.setenv("GRADUS_JUDGE", "somewhere")
    assert check("kl", len) is None


@pytest.mark.parametrize("collects", [True, False])
def test_a_check_does_not_wait_for_garbage_to_be_looked_for(collects, practice):
    """Python looks again afterwards, if it did before, also when the check was stopped."""
    during = []

    def stopped(p, q, base=2.0):
        during.append(gc.isenabled())
        raise KeyboardInterrupt

    before = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        check("kl", stopped)
        assert (during[0], gc.isenabled()) == (False, collects)
    finally:
        (gc.enable if before else gc.disable)()


def test_code_in_a_hint_is_set_as_code():
    """Backticks are for the terminal; HTML has a tag for what they mean."""
    card = Card("kl", "wrong", hint="What does `p < q` say?")
    assert "<code>p &lt; q</code>" in card._repr_html_()
    assert "`p < q`" in repr(card)


def test_cards_read_the_same_in_text_and_html(practice):
    """Each row of the card stands in both forms, and HTML is escaped."""
    card = check("kl", lambda p, q, base=2.0: "<b>")
    assert "<b>" not in card._repr_html_()
    assert all(label in repr(card) for label, _ in card.rows)


@pytest.mark.parametrize("pack", [True, False])
def test_an_idle_notebook_gets_ready_where_there_is_practice(pack, practice, monkeypatch):
    """A second after the import torch's compiler is there; a page without a pack is left alone."""
    asked = []
    monkeypatch.setattr("importlib.import_module", asked.append)
    if not pack:
        os.remove(PACK)

    async def cell():
        get_ready()
        assert asked == []
        await asyncio.sleep(1.1)

    asyncio.run(cell())
    assert asked == (["torch._dynamo"] if pack else [])
