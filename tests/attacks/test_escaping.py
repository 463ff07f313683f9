"""Breaking out and breaking things: the sandbox holds, and the rest of the notebook goes on."""

import pytest

from tests.attacks import tricks

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("trick", tricks("escaping").values(), ids=tricks("escaping"))
def test_an_escape_finds_nothing_and_costs_no_one_else(tried, trick):
    """Each trick: no points for entropy, all for kl, a cause in the report, no file left over."""
    tried(trick)
