"""What must be exactly so at the desk: tables written out by hand, borders on both
sides, and forms that were made from another version.
"""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ecopy.events import CertificationHalted
from ecopy.refusals import Reason
from intake.domain import (
    certifying,
    desk,
    fee,
    following,
    guesses,
    numbers,
    ordering,
    paper_files,
    permissions,
    refusing,
    states,
    voiding,
)
from intake.domain import pictures as pictures_of
from intake.domain.agencies import AgencyEntry
from intake.domain.certifying import Approval
from intake.domain.expecting import USUAL
from intake.domain.files import Part, StoredFile
from intake.domain.guesses import (
    COMPARED,
    LOCK,
    UNDECIDED,
    Failures,
    Try,
    WrongPassword,
)
from intake.domain.ordering import Mended
from intake.domain.people import Actor, Role
from intake.domain.records import (
    Case,
    CaseDocument,
    Conflict,
    Original,
    Paper,
    Requester,
)
from intake.domain.refusing import Ground
from intake.domain.scan import PageFacts
from intake.domain.states import NotAllowed, State
from support import build
from support.intake import AGENCY, house_rules

NOW = datetime(2026, 11, 23, 8, 40, tzinfo=UTC)
CLERK = Actor("ha", "Lò Thị Minh Hạ", AGENCY)
CERTIFIER = Actor("vinh", "Phạm Quốc Vĩnh", AGENCY, officer="pham-quoc-vinh")
RULES = house_rules()
HOA_BAN: AgencyEntry = RULES.agency(AGENCY)
VERSION = 7


def file(name="a", position=1):
    facts = PageFacts(0, 1, (build.digest(),), 2480, 3508, 300, "lifted")
    return StoredFile(
        id=name,
        document=f"{AGENCY}-261123-0001-1",
        position=position,
        name=f"{name}.pdf",
        raw=build.ref(name.encode()),
        uploaded_by=CLERK.name,
        uploaded_at=NOW,
        state="good",
        part=Part(build.ref(), (build.page(),), (facts,), ("t/1",), ("p/1",)),
    )


def paper(state=State.RECEIVED, **changes):
    document = CaseDocument(
        id=f"{AGENCY}-261123-0001-1",
        case=f"{AGENCY}-261123-0001",
        agency=AGENCY,
        ordinal=1,
        paper=Paper("Bằng tốt nghiệp", "diploma", "ĐH Minh Họa", 1),
        fee=2000,
        received_by="ha",
        state=state,
        version=VERSION,
        changed_by="Cao Xuân Mẫn",
        changed_at=NOW,
        files=(file(),),
    )
    return replace(document, **changes)


def compared(state=State.RECEIVED, **changes):
    usual = {
        "compared_by": "ha",
        "compared_by_name": CLERK.name,
        "compared_at": NOW,
        "compared_pages": paper().page_digests,
        "original": Original(build.ref(), (build.page(),)),
    }
    return paper(state, **usual | changes)


CASE = Case(
    code=f"{AGENCY}-261123-0001",
    agency=AGENCY,
    requester=Requester("person", "Đào", "cccd", "1", None, "0900000417", ""),
    channel="counter",
    privacy_at=NOW,
    received_by="ha",
    received_by_name=CLERK.name,
    received_at=NOW,
    complete_at=NOW,
    due_at=NOW,
    rule_set="TT226/2016",
    version=1,
    changed_by=CLERK.name,
    changed_at=NOW,
)


def approve(document, version=VERSION):
    pages = pictures_of.digests((build.page(),))
    approval = Approval(
        by=CERTIFIER,
        at=NOW,
        version=version,
        seen=pages,
        served=frozenset(pages),
        identities=RULES.identities(CERTIFIER, NOW),
        code="7K2F9MQX4TBD",
        link_key=RULES.link_key,
        public_host=RULES.public_host,
        demo=True,
    )
    return certifying.approve(
        document,
        CASE,
        agency=HOA_BAN,
        kind_name="Văn bằng",
        approval=approval,
        ordinal=1,
    )


def halted():
    fact = CertificationHalted(
        at=NOW,
        entry=f"{AGENCY}/E/2026/1",
        stage="signing",
        revision=1,
        reason=Reason.KEY_LOCKED,
    )
    approved = approve(compared(State.AWAITING)).document
    return following.halted(approved, fact, NOW, USUAL).document


# --- numbers -------------------------------------------------------------------------


def test_a_link_token_is_this_hmac_and_no_other():
    """Links are handed out on paper: the formula never changes."""
    key, entry = bytes(range(32)), "H99.42.05.13/E/2026/1180"
    mac = hmac.new(key, entry.encode() + b"\0" + b"2", hashlib.sha256).digest()
    expected = base64.urlsafe_b64encode(mac[:20]).decode().rstrip("=")
    assert numbers.link_token(key, entry, 2) == expected


def test_entry_and_generation_do_not_run_into_each_other():
    """Entry 1 in its eleventh generation is not entry 11 in its first."""
    key = bytes(32)
    one = numbers.link_token(key, "H99/E/2026/1", 11)
    eleven = numbers.link_token(key, "H99/E/2026/11", 1)
    assert one != eleven


def test_storage_knows_a_token_by_its_own_digest():
    """Letter by letter: base64 has both cases."""
    token = "AbCdEfGh-_0123456789abcdefg"
    digest = hashlib.sha256(token.encode()).hexdigest()
    assert numbers.token_sha256(token) == digest
    assert numbers.token_sha256(token.lower()) != digest


@pytest.mark.parametrize("ordinal", ["0", "00", "01", "100", "", "-1", "١"])
def test_papers_of_a_case_count_from_1_to_99(ordinal):
    with pytest.raises(ValueError, match="not a document"):
        numbers.split_document_id(f"{AGENCY}-261123-0001-{ordinal}")


RULE = """
[[fees]]
rule_set = "{name}"
valid_from = {day}
first_pages = 2
first_rate = {rate}
further_rate = 1000
ceiling = 200000
"""
OLD = RULE.format(name="old", day="2017-01-01", rate=2000)
NEW = RULE.format(name="new", day="2027-01-01", rate=3000)


@pytest.mark.parametrize(
    "table", [OLD + NEW, NEW + OLD], ids=["old first", "new first"]
)
@pytest.mark.parametrize(
    ("day", "rule"),
    [
        (date(2017, 1, 1), "old"),
        (date(2026, 12, 31), "old"),
        (date(2027, 1, 1), "new"),
        (date(2030, 5, 5), "new"),
    ],
)
def test_a_fee_is_of_its_day_in_whatever_order_the_table_stands(table, day, rule):
    """From the very day that the rule names."""
    rules = fee.parse(table)
    assert fee.in_force(rules, day).rule_set == rule
    with pytest.raises(LookupError):
        fee.in_force(rules, date(2016, 12, 31))


# --- states --------------------------------------------------------------------------

MOVES = """
draft received      receive
received awaiting   submit
returned awaiting   submit
awaiting registered approve
awaiting returned   send-back
awaiting refused    refuse
awaiting held       hold
registered signed   seal
registered toseal   await-seal
toseal registered   release
toseal registered   withhold
toseal signed       seal
toseal issued       issue
registered issued   issue
signed issued       issue
registered registered order-again
signed registered   order-again
registered voiding  void
signed voiding      void
voiding void        close
voiding issued      issue
received merged     merge
returned merged     merge
received supplement ask
returned supplement ask
supplement received bring
supplement notaccepted not-accept
supplement leftback take-back
draft    notaccepted not-accept
received notaccepted not-accept
returned notaccepted not-accept
draft    leftback   take-back
received leftback   take-back
returned leftback   take-back
awaiting leftback   take-back
merged received     part
"""
NEEDS_A_PERSON = [
    "supplement",
    "returned",
    "draft",
    "received",
    "awaiting",
    "toseal",
    "registered",
    "signed",
    "voiding",
    "issued",
    "held",
    "void",
    "refused",
    "notaccepted",
    "leftback",
    "merged",
]


def test_a_paper_moves_as_written_here():
    """The whole table once more, by hand; nothing else moves."""
    rows = (line.split() for line in MOVES.strip().splitlines())
    written = {(before, move): after for before, after, move in rows}
    assert {(str(s), str(m)): str(a) for (s, m), a in states.MOVES.items()} == written


def test_sets_of_states_are_as_written_here():
    """Which take files, which a machine has in hand, which wait for anything."""
    assert {"received", "returned"} == states.EDITABLE
    assert {"registered", "signed"} == states.ORDERED
    assert {"registered", "signed", "voiding"} == states.MOVING
    ends = {"issued", "refused", "held", "void", "notaccepted", "leftback", "merged"}
    assert set(State) - ends == states.OPEN


def test_a_case_shows_the_paper_that_needs_a_person_most():
    """In this order, whatever stands beside it."""
    order = [State(name) for name in NEEDS_A_PERSON]
    assert sorted(State) == sorted(order)
    for place, state in enumerate(order):
        assert states.case_state(order[place:][::-1]) is state


# --- guards --------------------------------------------------------------------------


def test_an_older_and_a_newer_form_change_nothing():
    """Each act looks for itself; the form names the version that it was made from."""
    identities = RULES.identities(CERTIFIER, NOW)

    def acts(version):
        waiting = compared(State.AWAITING)
        yield lambda: approve(waiting, version)
        yield lambda: refusing.send_back(waiting, "x", version, CERTIFIER, NOW)
        yield lambda: refusing.refuse(
            waiting, Ground.ALTERED, "x", version=version, by=CERTIFIER, at=NOW
        )
        yield lambda: ordering.order_again(
            halted(),
            Mended(HOA_BAN, identities, "https://x.example"),
            version=halted().version + version - VERSION,
            by=CERTIFIER,
            at=NOW,
            patience=USUAL,
        )
        yield lambda: voiding.void(
            halted(),
            "hỏng khóa",
            version=halted().version + version - VERSION,
            by=CERTIFIER,
            at=NOW,
            patience=USUAL,
        )
        yield lambda: paper_files.remove_file(compared(), "a", version, CLERK, NOW)
        yield lambda: desk.submit(compared(), compared().original, version, CLERK, NOW)
        yield lambda: desk.compare(paper(), version, paper().page_digests, CLERK, NOW)
        yield lambda: desk.check_case_version(replace(CASE, version=VERSION), version)

    for version in (VERSION - 1, VERSION + 1):
        for act in acts(version):
            with pytest.raises(Conflict):
                act()
    for act in acts(VERSION):
        act()


@pytest.mark.parametrize("state", sorted(set(State) - {"received", "returned"}))
def test_nothing_is_compared_or_removed_once_it_is_submitted(state):
    """Not even by the person who compared it, with the very same pages."""
    document = compared(state)
    with pytest.raises(NotAllowed):
        desk.compare(document, VERSION, document.page_digests, CLERK, NOW)
    with pytest.raises(NotAllowed):
        paper_files.remove_file(document, "a", VERSION, CLERK, NOW)
    with pytest.raises(NotAllowed):
        paper_files.reserve(document, 1)


def test_a_comparison_of_other_pages_is_none():
    """A page was added or turned after it: the paper waits for another one."""
    document = compared(compared_pages=("0" * 64,))
    assert desk.blockers(document) == ("not-compared",)


def test_nothing_is_approved_that_was_not_compared():
    """Even where it waits for approval: a row that somebody wrote by hand."""
    for lacks in ({"compared_by": None}, {"original": None}):
        with pytest.raises(NotAllowed) as refused:
            approve(compared(State.AWAITING, **lacks))
        assert refused.value.key == "error.not-compared"


def test_a_second_ground_is_not_the_first_one_said_again():
    """The same is answered as before; another word about a refused paper is refused."""

    def refuse(document, ground):
        needs = {"version": document.version, "by": CERTIFIER, "at": NOW}
        return refusing.refuse(document, ground, "x", **needs).document

    once = refuse(compared(State.AWAITING), Ground.ALTERED)
    assert refuse(once, Ground.ALTERED) == once
    with pytest.raises(NotAllowed):
        refuse(once, Ground.FORGERY)


@pytest.mark.parametrize(("most", "fits"), [(1, False), (2, True)])
def test_a_document_takes_so_many_files_and_no_more(most, fits):
    """The one that fills it is taken, the one after it is not."""
    if fits:
        added = paper_files.add_file(paper(), file("b", 0), CLERK, NOW, most=most)
        assert len(added.document.files) == 2
        return
    with pytest.raises(NotAllowed, match="document-full"):
        paper_files.add_file(paper(), file("b", 0), CLERK, NOW, most=most)


@pytest.mark.parametrize(
    ("count", "fits"), [(-1, False), (0, False), (1, True), (1000, True), (1001, False)]
)
def test_so_many_places_are_given_at_once(count, fits):
    """At least one, at most a thousand; the first one comes after what is there."""
    if fits:
        outcome, first = paper_files.reserve(paper(), count)
        assert (first, outcome.document.places) == (2, 1 + count)
        return
    with pytest.raises(NotAllowed, match="too-many-files"):
        paper_files.reserve(paper(), count)


# --- guesses -------------------------------------------------------------------------


MOMENT = timedelta(microseconds=1)


def ago(*minutes):
    """Until when wrong tries count that were made so long ago."""
    tried = (NOW - timedelta(minutes=each) for each in minutes)
    return tuple(guesses.counts_until(each, wrong=True) for each in tried)


def test_five_tries_an_account_and_thirty_an_address():
    """For a quarter of an hour; the sixth and the thirty-first are not compared."""
    assert Failures((), ()).left == 5
    assert Failures(ago(1) * 4, ago(1) * 4).left == 1
    assert Failures((), ago(1) * 29).left == 1
    assert Failures(ago(1) * 3, ago(1) * 29).left == 1
    guesses.check(Failures(ago(1) * 4, ago(1) * 29))
    for full in (Failures(ago(1) * 5, ()), Failures((), ago(1) * 30)):
        with pytest.raises(WrongPassword) as locked:
            guesses.check(full)
        assert locked.value.tries_left == 0
        assert locked.value.locked_until == NOW + timedelta(minutes=14)


def test_a_lock_ends_when_enough_of_its_failures_are_old():
    """Of more failures than it takes, the ones that still count; of two locks, both."""
    account = ago(14, 12, 10, 8, 6, 4)
    assert Failures(account, account).until == NOW + timedelta(minutes=3)
    address = ago(*range(14, 9, -1), *[9] * 26)
    assert Failures((), address).until == NOW + timedelta(minutes=15 - 13)
    both = Failures(ago(5, 4, 3, 2, 1), ago(*[14] * 30))
    assert both.until == NOW + timedelta(minutes=10)


def test_a_wrong_try_counts_itself():
    """The fifth says that it was the last, and until when."""
    fourth = Try(1, "ha", "192.0.2.7", Failures(ago(4, 3, 2), ago(4, 3, 2)), NOW)
    assert (fourth.wrong().tries_left, fourth.wrong().locked_until) == (1, None)
    fifth = Try(1, "ha", "192.0.2.7", Failures(ago(4, 3, 2, 1), ago(4, 3, 2, 1)), NOW)
    until = NOW + timedelta(minutes=11)
    assert (fifth.wrong().tries_left, fifth.wrong().locked_until) == (0, until)


def test_a_try_that_was_cut_off_counts_for_a_minute():
    """Nobody was answered, so nobody learnt anything; a wrong one counts 15 minutes."""
    cut_off = guesses.counts_until(NOW, wrong=False)
    assert cut_off == NOW + timedelta(minutes=1)
    assert Failures((*ago(3, 2), *[cut_off] * 3), ()).until == cut_off
    for wrong, length in ((True, LOCK), (False, UNDECIDED)):
        moments = [(-length, True), (length, False), (length - MOMENT, True)]
        moments += [(-length - MOMENT, False)]
        for since, counted in moments:
            at = NOW - since
            assert guesses.counts(at, NOW, wrong=wrong) is counted, (wrong, since)


def test_an_answer_that_comes_late_is_told_to_nobody():
    """By then its try hardly counts any more, and another has taken its place."""
    tried = Try(1, "ha", "192.0.2.7", Failures((), ()), NOW)
    assert not tried.is_late(NOW + COMPARED)
    assert tried.is_late(NOW + COMPARED + MOMENT)
    assert tried.is_late(NOW - COMPARED - MOMENT)  # the clock was set back meanwhile
    assert COMPARED < UNDECIDED


# --- what a page offers --------------------------------------------------------------

BOTH_ROLES = frozenset({Role.CLERK, Role.CERTIFIER})


def offered(
    document: CaseDocument,
    *roles: Role,
    by: Actor = CERTIFIER,
    at: datetime = NOW,
) -> set[str]:
    viewer = replace(by, roles=frozenset(roles))
    return set(permissions.acts_open_to(document, RULES, viewer, at))


def test_a_clerk_is_offered_what_the_paper_waits_for():
    """Comparing before submitting, and no more once it lies at the certifier's; the
    original goes back from the comparison on.
    """
    always = {"upload", "remove", "arrange"}
    assert offered(paper(files=()), Role.CLERK) == always
    assert offered(paper(), Role.CLERK) == {*always, "compare"}
    assert offered(compared(), Role.CLERK) == {*always, "submit", "give-back"}
    for state in set(State) - states.EDITABLE:
        stays = state in {State.HELD, State.MERGED}
        open_ones = set() if stays else {"give-back"}
        open_ones |= {"hand-over"} if state is State.ISSUED else set()
        assert offered(compared(state), Role.CLERK) == open_ones


def test_a_certifier_is_offered_no_approval_of_their_own_case():
    """They may still refuse it or send it back."""
    waiting = compared(State.AWAITING)
    may = {"approve", "refuse", "send-back"}
    assert offered(waiting, Role.CERTIFIER) == may
    assert offered(waiting, Role.CERTIFIER, by=CLERK) == may - {"approve"}
    for state in set(State) - {State.AWAITING}:
        assert offered(compared(state), Role.CERTIFIER) == set()


def test_an_examiner_is_offered_to_send_back_unless_switched_off():
    """The certifier still may; who leads, keeps the seal or audits has no button."""
    waiting = compared(State.AWAITING)
    assert offered(waiting, Role.EXAMINER) == {"send-back"}
    assert offered(compared(), Role.EXAMINER) == set()
    assert offered(waiting, Role.LEADER, Role.SEAL_KEEPER) == set()
    assert offered(waiting, Role.AUDITOR) == offered(waiting, Role.ADMINISTRATOR)
    off = replace(RULES.agencies[AGENCY], examination=False)
    rules = replace(RULES, agencies={AGENCY: off})
    examiner = replace(CLERK, roles=frozenset({Role.EXAMINER}))
    assert not permissions.acts_open_to(waiting, rules, examiner, NOW)


def test_only_a_certifier_is_offered_to_act_on_a_copy_that_stands_still():
    """One that goes on is left alone for ten minutes."""
    going_on = approve(compared(State.AWAITING)).document
    ten_minutes = NOW + timedelta(minutes=10)
    almost = ten_minutes - timedelta(seconds=1)
    assert offered(going_on, *BOTH_ROLES, at=almost) == {"give-back"}
    for still, at in ((halted(), NOW), (going_on, ten_minutes)):
        assert offered(still, Role.CERTIFIER, at=at) == {"order-again", "void"}
        assert offered(still, Role.CLERK, at=at) == {"give-back"}
        assert offered(still, at=at) == set()


def test_the_page_says_why_somebody_cannot_approve():
    """Their own case, no office at all, or none on that day; else nothing."""
    waiting = compared(State.AWAITING)
    assert permissions.why_not(waiting, RULES, CERTIFIER, NOW) is None
    assert permissions.why_not(waiting, RULES, CLERK, NOW) == "own-case"
    nobody = replace(CERTIFIER, officer=None)
    assert permissions.why_not(waiting, RULES, nobody, NOW) == "no-office"
    long_ago = datetime(1990, 1, 1, tzinfo=UTC)
    assert permissions.why_not(waiting, RULES, CERTIFIER, long_ago) == "no-office"


def test_only_who_can_sign_now_is_named_as_a_certifier():
    """An office, in its days, at an agency that there is."""
    assert permissions.may_sign(RULES, CERTIFIER, NOW)
    assert not permissions.may_sign(RULES, CLERK, NOW)
    assert not permissions.may_sign(RULES, replace(CERTIFIER, agency="H1"), NOW)
    long_ago = datetime(1990, 1, 1, tzinfo=UTC)
    assert not permissions.may_sign(RULES, CERTIFIER, long_ago)


def test_a_page_names_what_is_missing_while_that_can_be_mended():
    """Once a paper lies at the certifier's, the clerk has nothing to add."""
    assert permissions.blockers_of(paper()) == ("not-compared",)
    assert permissions.blockers_of(compared()) == ()
    assert permissions.blockers_of(paper(State.AWAITING)) == ()
