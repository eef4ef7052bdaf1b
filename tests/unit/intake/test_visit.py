"""What an address says, as the endpoints read it."""

from starlette.requests import Request

from intake.app.visit import Typed, Visit
from intake.domain.people import Actor

BY = Actor("ha", "Lò Thị Minh Hạ", "H99.42.05.13")


def visit(query):
    request = Request({"type": "http", "query_string": query, "headers": []})
    return Visit(request, None, None, BY, "", Typed())


def test_each_line_of_a_name_is_cleaned_and_cut():
    """A NUL that reached PostgreSQL was an answer 500."""
    asked = visit(b"arrival=a%00b&arrival=c%0Ad&arrival=%ED%A0%80&arrival=" + b"e" * 90)

    assert asked.queries("arrival", 80) == ("ab", "c d", "\ufffd" * 3, "e" * 80)
    assert asked.query("arrival", 80) == "e" * 80  # the last one counts
    assert asked.queries("other", 80) == ()
