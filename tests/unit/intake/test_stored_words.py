"""Words that rows, forms and events hold: a new spelling would lose what is stored."""

from intake.domain.states import Move, State


def test_states_are_stored_under_these_words():
    """A row says its state by name; a migration would have to come with a new one."""
    assert {state.value for state in State} == {
        "draft",
        "received",
        "awaiting",
        "returned",
        "registered",
        "signed",
        "issued",
        "refused",
        "held",
    }
    assert all(state.value == state.name.lower() for state in State)


def test_a_refused_move_is_named_by_these_words():
    """A refused step carries its move and state beside the sentence for the desk."""
    assert {move.value for move in Move} == {
        "receive",
        "submit",
        "approve",
        "send-back",
        "refuse",
        "hold",
        "seal",
        "issue",
    }
    assert all(move.value == move.name.lower().replace("_", "-") for move in Move)
