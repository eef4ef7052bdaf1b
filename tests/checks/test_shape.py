"""``make shape`` says plainly that a goal is missed."""

from shape import __main__ as shape
from shape.figures import Figure


def test_a_goal_that_is_missed_is_named_at_the_end():
    """Whoever reads only the last line knows."""
    assert shape.summary([]) == "Every goal is met."
    assert shape.summary(["modules over 250 lines"]).endswith("250 lines.")


def test_a_figure_outside_its_goal_says_no():
    """A bound from above, one from below, and a figure that only informs."""
    assert Figure("modules", 9, "<= 8").verdict() == "NO"
    assert Figure("comments", 0.9, ">= 1.0").verdict() == "NO"
    assert Figure("modules", 8, "<= 8").verdict() == "yes"
    assert Figure("functions", 9).verdict() == ""
