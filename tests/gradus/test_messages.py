"""What a learner reads after each of thirty typical errors."""

from tests.gradus.typical_errors import ERRORS, ROOT, page


def test_each_typical_error_is_answered_as_the_table_says():
    """Thirty and more, word for word; none is answered with lines of ours."""
    assert len(ERRORS) >= 30
    text = page()
    assert (ROOT / "docs" / "messages.md").read_text() == text
    assert "gradus/" not in text
