"""Who sent a request: the session or the program's token that it names, and what pages
show of the person.

Start at ``sender_of``.
"""

from dataclasses import dataclass, replace

from starlette.requests import Request

from chassis.addresses import network_of
from intake.app import receipts, refusals
from intake.app.desk import Desk
from intake.app.route import CLERKS, Rule
from intake.app.visit import Visit, looked_at, program
from intake.domain import programs
from intake.domain.calendar import local_day
from intake.domain.people import Actor, Session, User
from intake.domain.programs import Program
from intake.domain.views.names import OfficeNames
from intake.domain.views.page import Me, Receipt
from intake.usecases.signing_in import SignedIn, actor_of


@dataclass(frozen=True, slots=True)
class Sender:
    """The token that a request carries, and whose session it opens, if any."""

    token: str
    bearer: bool
    session: Session | None = None
    user: User | None = None
    arrivals: int | None = None
    """What waits in the inbox of a clerk who looks at a page."""
    program: Program | None = None
    """Whose token it is, where it is no session's."""

    @property
    def known(self) -> bool:
        return self.user is not None or self.program is not None

    def admitted(self, rule: Rule) -> bool:
        """Whether this person or program may; nobody may what needs somebody."""
        if self.program is not None:
            return rule.admits_program(self.program.scopes)
        return self.user is None or rule.admits(self.user.roles)

    def actor(self, address: str) -> Actor | None:
        """Who an act of this request is written down to."""
        if self.program is not None:
            return programs.actor_of(self.program, address)
        return actor_of(self.user, address) if self.user else None


def signed_in_visit(visit: Visit, signed_in: SignedIn) -> Visit:
    """The same request, as sent by the person who has just signed in."""
    session, user = signed_in.session, signed_in.user
    sender = Sender(signed_in.token, bearer=False, session=session, user=user)
    actor = actor_of(user, visit.desk.address(visit.request))
    me = me_of(sender, visit.request, visit.desk)
    return replace(visit, me=me, actor=actor, token=signed_in.token)


async def sender_of(request: Request, desk: Desk) -> Sender:
    """A program names its session by a bearer token, a browser by a cookie."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    token = bearer if is_bearer else request.cookies.get(desk.cookie, "")
    if is_bearer and programs.looks_like_token(token):
        return Sender(token, is_bearer, program=await _program(request, desk, token))
    found = await desk.staff.resume(token) if token else None
    if found is None:
        return Sender(token, is_bearer)
    arrivals = await _arrivals(request, desk, found[1])
    return Sender(token, is_bearer, *found, arrivals=arrivals)


async def _program(request: Request, desk: Desk, token: str) -> Program | None:
    """Whose token it is. Raises TooOften: each program has its own allowance, and one
    that nobody knows is counted by where it comes from, before it is looked up.
    """
    network = network_of(desk.address(request))
    desk.programs.allowance.check_strangers(network, programs.prefix_of(token))
    program = await desk.programs.admitting.recognised(token)
    if program is None:
        desk.programs.allowance.count_stranger(network)
        return None
    desk.programs.allowance.count(program.prefix)
    return program


async def _arrivals(request: Request, desk: Desk, user: User) -> int | None:
    shown = request.method == "GET" and not program(request)
    if not shown or not CLERKS.admits(user.roles):
        return None
    return await desk.inbox.badge(actor_of(user, desk.address(request)))


async def reader(request: Request, desk: Desk) -> Me | None:
    """Who reads a page that no route made; nobody where that cannot be looked up."""
    try:
        return me_of(await sender_of(request, desk), request, desk)
    except refusals.LAWFUL:
        return None


def me_of(sender: Sender, request: Request, desk: Desk) -> Me | None:
    """What a page shows of the person; None for nobody."""
    if sender.user is None or sender.session is None:
        return None
    user = sender.user
    agency = desk.rules.agencies.get(user.agency)
    day = local_day(sender.session.seen_at)
    return Me(
        user=user.id,
        name=user.name,
        roles=frozenset(map(str, user.roles)),
        agency=user.agency,
        agency_name=agency.on(day).name if agency else user.agency,
        csrf=sender.session.csrf,
        key=desk.forms.key(user.id),
        demo=desk.rules.demo,
        arrivals=sender.arrivals,
        names=desk.rules.tables(user.agency).names(day) if agency else OfficeNames(),
        must_change=user.must_change,
        receipt=_receipt(sender, request, desk) if looked_at(request) else None,
    )


def _receipt(sender: Sender, request: Request, desk: Desk) -> Receipt | None:
    return receipts.read(sender.token, request.cookies.get(receipts.cookie(desk), ""))
