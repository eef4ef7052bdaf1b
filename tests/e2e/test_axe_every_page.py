"""Every page of the desk by axe-core, over the route table: a new address names here
whose page it is and where, or says that it has none.
"""

from contextlib import nullcontext

import pytest

from e2e.conftest import Person
from intake.app.routes import ROUTES
from intake.domain.batch import Chosen
from support.axe import violations
from support.desk_browser import sign_in
from support.intake import AGENCY, PASSWORD
from support.served import EVERY_STATE, served

BATCH = "a-batch"
CODES = [f"{AGENCY}-261123-{n:04}" for n in range(1, len(EVERY_STATE) + 2)]
"""In the order of ``EVERY_STATE``; the last is the batch's."""
RECEIVED, SCANNED, COMPARED, AWAITING, SUPPLEMENT, RETURNED = CODES[:6]
PAGES = {
    "/sign-in": ("", ("/sign-in",)),
    "/account": ("man", ("/account",)),
    "/": ("man", ("/", "/?q=dao", "/?state=issued", "/?due=today", "/?q=none")),
    "/cases/new": ("man", ("/cases/new",)),
    "/cases/{code}": ("man", tuple(f"/cases/{code}" for code in CODES)),
    "/cases/{code}/correct": ("man", (f"/cases/{AWAITING}/correct",)),
    "/cases/{code}/supplement": ("man", (f"/cases/{SCANNED}/supplement",)),
    "/cases/{code}/end": ("man", (f"/cases/{SCANNED}/end",)),
    "/cases/{code}/extend": ("man", (f"/cases/{SCANNED}/extend",)),
    "/documents/{document}/desk": (
        "man",
        tuple(
            f"/documents/{code}-1/desk"
            for code in (RECEIVED, COMPARED, AWAITING, SUPPLEMENT, RETURNED)
        ),
    ),
    "/inbox": ("man", ("/inbox",)),
    "/wall": ("vinh", ("/wall",)),
    "/wall/{document}": ("vinh", (f"/wall/{AWAITING}-1",)),
    "/wall/batches/{batch}": ("vinh", (f"/wall/batches/{BATCH}",)),
    "/seal": ("di-seal-keeper", ("/seal",)),
    "/register": ("vinh", ("/register", "/register?year=2026&month=1")),
    "/overview": ("vinh", ("/overview",)),
    "/templates": ("long", ("/templates",)),
    "/templates/{handout}": ("long", ("/templates/receipt", "/templates/apology")),
    "/accounts": ("long", ("/accounts",)),
    "/accounts/{user}": ("long", ("/accounts/man",)),
    "/delegations": ("long", ("/delegations",)),
    "/programs": ("long", ("/programs",)),
    "/fees": ("long", ("/fees",)),
    "/switches": ("long", ("/switches",)),
    "/calendar": ("long", ("/calendar",)),
    "/tables/{table}": ("long", ("/tables/kinds",)),
    "/system": ("long", ("/system",)),
    "/system/letters/{number}": ("long", ("/system/letters/1",)),
}
"""Route → whose page it is, and the addresses at which it is judged."""
NO_PAGE = {"/healthz", "/readyz", "/metrics", "/news"}
FILES = ("/pictures/", "/thumbs/", "/pages/", "/handouts/", "/agreements/", "/v1/")
ENDS = (".svg", ".png", ".pdf", ".xlsx", ".csv")
"""Of addresses that answer with a picture, a file, or JSON for programs."""


async def a_batch(papers):
    """Two papers approved in one act, of which one is refused."""
    document = await papers.awaiting()
    known = await papers.known(document)
    await papers.look(document, "vinh")
    vinh = papers.people["vinh"]
    await papers.desk.pictures.note_seen(document, known.page_digests, vinh)
    waiting = f"{AWAITING}-1"
    chosen = (
        Chosen(waiting, (await papers.known(waiting)).version),
        Chosen(document, known.version),
    )
    await papers.desk.batching.approve(
        BATCH, chosen, vinh, once=lambda _document: nullcontext()
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("every-page")
    with served(folder, (*EVERY_STATE, a_batch)) as address:
        yield address


def test_every_address_is_judged_or_has_no_page():
    """Whoever adds a page adds it to the table."""
    paths = {route.path for route in ROUTES if route.method == "GET"}
    pages = {
        path
        for path in paths - NO_PAGE
        if not path.endswith(ENDS) and not any(each in path for each in FILES)
    }
    assert set(PAGES) == pages


@pytest.mark.parametrize("user", sorted({user for user, _ in PAGES.values()}))
def test_axe_finds_nothing_on_a_persons_pages(desk, visit, user):
    """Wide; the clerk's pages are judged on a telephone in ``test_axe``."""
    page = visit(desk, bypass_csp=True)
    if user:
        sign_in(page, Person(user, PASSWORD))
    found = []
    for owner, addresses in PAGES.values():
        for address in addresses if owner == user else ():
            answer = page.goto(address)
            assert answer.status == 200, (address, answer.status)
            found += violations(page)
    assert found == []
