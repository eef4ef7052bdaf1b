"""A walk as each role through every page of the navigation, in a real browser: no link
that is shown leads to a refusal, axe finds nothing, and each page is kept as a picture.

The desk has a paper in every state, so that each list has its rows.
"""

from urllib.parse import urlsplit

import pytest

from e2e.conftest import Person
from intake.domain.people import Role
from support.axe import violations
from support.desk_browser import sign_in
from support.intake import PASSWORD
from support.served import served, user_of

SHOWN = "links => links.filter(a => a.checkVisibility()).map(a => a.href)"
OF_THE_NAVIGATION = ".bar nav a, nav.rail a, .bar-me a[href='/account']"
LINKS = "a[href]:not([hreflang])"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with served(tmp_path_factory.mktemp("walk")) as address:
        yield address


def shown(page, where):
    """The addresses of our own that the page shows, each once."""
    origin = urlsplit(page.url).netloc
    links = page.locator(where).evaluate_all(SHOWN)
    return [
        link.partition("#")[0]
        for link in dict.fromkeys(links)
        if urlsplit(link).netloc == origin
    ]


@pytest.mark.parametrize("role", Role)
def test_a_role_walks_through_all_that_it_is_shown(desk, visit, shot, role):
    """Each page of the navigation is opened; whatever else it links to is fetched."""
    page = visit(desk, bypass_csp=True)
    sign_in(page, Person(user_of(role), PASSWORD))
    found, refused, fetched = [], [], set()
    way, opened = [page.url], []
    while way:
        address = way.pop(0).partition("?")[0]  # a filter of the board is no page
        if address in opened:
            continue
        opened.append(address)
        answer = page.goto(address)
        assert answer.status < 400, address
        found += violations(page)
        shot(page, f"walk-{role}-{len(opened):02}")
        way += shown(page, OF_THE_NAVIGATION)
        for link in set(shown(page, LINKS)) - fetched:
            fetched.add(link)
            status = page.request.get(link).status
            if status >= 400:
                refused.append((address, link, status))
    assert refused == []
    assert found == []
    assert len(opened) >= 3, opened
