"""PLACEHOLDER"""

import pytest

from tests.attacks import tricks


@pytest.mark.slow
@pytest.mark.parametrize("trick", tricks("forging").values(), ids=tricks("forging"))
def test_TODO(tried, trick):
    """Each trick: no points for entropy, all for kl, a cause in the report, no file left over."""
    print("FINDING", trick.__name__, "|", tried(trick).finding[:150])
