"""A paper through its life, by random acts, against the table of the domain's page 1.4.

The table stands here a second time, by hand, as the law and the specification have it:
what is not in it must not succeed, and what is must lead where it says.
"""

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from intake.domain import desk_ends, national, refusing, states, supplementing
from intake.domain.desk_ends import DeskEnd
from intake.domain.records import Conflict
from intake.domain.refusing import Ground
from intake.domain.states import Move, NotAllowed, State
from intake.domain.supplementing import SupplementForm, TypedLack
from support.casework import CASE, HA, MAN, NOW, on_desk, paper
from support.intake import TABLES
from support.properties import STEPPED

pytestmark = pytest.mark.drawn
LAWFUL = {
    "submit": {"received": "awaiting", "returned": "awaiting"},
    "approve": {"awaiting": "registered"},
    "send-back": {"awaiting": "returned"},
    "refuse": {"awaiting": "refused"},
    "hold": {"awaiting": "held"},
    "seal": {"registered": "signed", "toseal": "signed"},
    "await-seal": {"registered": "toseal"},
    "release": {"toseal": "registered"},
    "withhold": {"toseal": "registered"},
    "issue": dict.fromkeys(("registered", "signed", "voiding", "toseal"), "issued"),
    "order-again": {"registered": "registered", "signed": "registered"},
    "void": {"registered": "voiding", "signed": "voiding"},
    "close": {"voiding": "void"},
    "ask": {"received": "supplement", "returned": "supplement"},
    "bring": {"supplement": "received"},
    "not-accept": dict.fromkeys(
        ("draft", "received", "returned", "supplement"), "notaccepted"
    ),
    "take-back": dict.fromkeys(
        ("draft", "received", "returned", "supplement", "awaiting"), "leftback"
    ),
}
"""Act → the states from which it is lawful → the state to which it leads."""
NATIONAL = {
    "draft": 1,
    "received": 2,
    "notaccepted": 3,
    "supplement": 5,
    "leftback": 7,
    **dict.fromkeys(("awaiting", "returned", "registered", "signed", "voiding"), 4),
    "toseal": 4,
    **dict.fromkeys(("refused", "held", "void", "merged"), 8),
    "issued": 9,
}
STATUSES = national.parse((TABLES / "national-statuses.toml").read_text("utf-8"))
BY_TABLE = (
    *("submit", "approve", "seal", "issue", "order-again", "void", "close"),
    *("await-seal", "release", "withhold"),
)
"""Acts that need more than a paper: here their step in the product's own table."""


class PaperLife(RuleBasedStateMachine):
    """Clerk, certifier, machine and requester in any order. Each refusal is checked
    against the table, and so is each success.
    """

    def __init__(self):
        super().__init__()
        self.case, self.paper, self.now = CASE, paper(State.RECEIVED), NOW

    @rule(act=st.sampled_from(BY_TABLE))
    def moves(self, act):
        self._tried(act, lambda: self._stepped(Move(act)))

    @rule(ground=st.sampled_from(Ground))
    def refuses(self, ground):
        held = ground in {Ground.UNLAWFUL, Ground.FORGERY}
        self._tried("hold" if held else "refuse", lambda: self._refused(ground))

    @rule()
    def sends_back(self):
        self._tried("send-back", self._sent_back)

    @rule(way=st.sampled_from(("take-back", "not-accept")))
    def ends(self, way):
        self._tried(way, lambda: self._ended(way))

    @rule()
    def asks(self):
        self._tried("ask", self._asked)

    @rule()
    def brings(self):
        self._tried("bring", self._brought)

    @rule()
    def is_stale(self):
        """A form from before the last act changes nothing, whatever the state."""
        before = self.paper
        with pytest.raises((Conflict, NotAllowed)):
            refusing.refuse(
                replace(before, refused=None),
                *(Ground.ALTERED, "x"),
                version=before.version - 1,
                by=MAN,
                at=self.now,
            )
        assert self.paper is before

    @invariant()
    def has_the_status_that_the_portal_knows(self):
        assert STATUSES.of((self.paper,)).code == NATIONAL[self.paper.state]

    @invariant()
    def waits_only_while_something_is_asked_for(self):
        assert (self.case.supplement is not None) is (
            self.paper.state is State.SUPPLEMENT
        )

    def _tried(self, act, do):
        before, self.now = self.paper.state, self.now + timedelta(minutes=1)
        after = LAWFUL[act].get(before)
        if after is None:
            known = self.paper
            with contextlib.suppress(NotAllowed, Conflict):
                do()  # one that is safe to repeat answers, and changes nothing
            assert self.paper is known
            return
        do()
        assert self.paper.state == after

    def _stepped(self, move):
        state = states.moved(self.paper.state, move)
        version = self.paper.version + 1
        self.paper = replace(self.paper, state=state, version=version)

    def _refused(self, ground):
        given = replace(self.paper, refused=None)
        outcome = refusing.refuse(
            given, ground, "x", version=given.version, by=HA, at=self.now
        )
        self.paper = outcome.document

    def _sent_back(self):
        outcome = refusing.send_back(self.paper, "mờ", self.paper.version, HA, self.now)
        self.paper = outcome.document

    def _ended(self, way):
        papers = {self.paper.id: self.paper.version}
        given = DeskEnd(way, papers, Ground.NOT_PRESENTED, "x")
        fresh = replace(self.paper, refused=None)
        self._take(desk_ends.end(self._desk(fresh), given, self.now, MAN, self.now))

    def _asked(self):
        lack = TypedLack(self.paper.id, self.paper.version, "pages", "trang 2")
        until = (self.now + timedelta(days=3)).date()
        form = SupplementForm((lack,), "", until)
        desk, now = self._desk(), self.now
        self._take(supplementing.ask(desk, form, now, MAN, now, grounds=["pages"]))

    def _brought(self):
        papers = {self.paper.id: self.paper.version}
        other = HA if self.paper.changed_by == MAN.name else MAN
        self._take(supplementing.bring(self._desk(), papers, self.now, other, self.now))

    def _desk(self, known=None):
        return on_desk(known or self.paper, case=self.case)

    def _take(self, change):
        for changed in change.documents:
            self.paper = changed
        self.case = change.case or self.case


TestPaperLife = PaperLife.TestCase
TestPaperLife.settings = STEPPED


def test_the_table_of_the_specification_is_that_of_the_code():
    """But for the desk's own moves between papers of a case."""
    between = {Move.RECEIVE, Move.MERGE, Move.PART}
    coded = {
        (str(before), str(move)): str(after)
        for (before, move), after in states.MOVES.items()
        if move not in between
    }
    written = {
        (before, act): after
        for act, steps in LAWFUL.items()
        for before, after in steps.items()
    }
    assert written == coded
