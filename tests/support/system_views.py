"""The administrator's pages in the states we know."""

from datetime import timedelta

from ecopy.reckoning import Counter, Discrepancy
from intake.domain.reconciling import Reconciliation
from intake.domain.system import Growing
from intake.domain.views.system import (
    DeadLetterActView,
    DeadLetterRow,
    DeadLetterView,
    PartView,
    SystemView,
    WaitingView,
)
from support.desk_views import NOW

ENTRY = "H99.42.05.13/E/2026/1159"

GROWING = (
    Growing("outbox", 12_345, NOW - timedelta(days=31), 411),
    Growing("temporary", 0, None, 0),
)


def row(number: int = 17, standing: str = "new", **changes: object) -> DeadLetterRow:
    values: dict[str, object] = {
        "number": number,
        "consumer": "storage-sealed",
        "entry": ENTRY,
        "reason": "not a ecopy.copy.sealed.v1",
        "parked_at": NOW - timedelta(days=3),
        "size": 1234,
        "signed": True,
        "standing": standing,
        "replay_of": None,
    }
    return DeadLetterRow(**{**values, **changes})


def well() -> SystemView:
    parts = (
        PartView("bus", "good", "bus", {}),
        PartView("relay", "good", "relay", {}),
        PartView("database", "good", "database", {}),
        PartView("numbers", "good", "numbers", {}),
        PartView("letters", "good", "letters", {}),
    )
    return SystemView(NOW, parts, Reconciliation(NOW, 1180, 3, 2), (), (), (), 0)


def troubled() -> SystemView:
    parts = (
        PartView("bus", "stop", "bus-lost", {"names": "intake-halted"}),
        PartView("relay", "warn", "relay-waits", {"n": 7}, NOW - timedelta(minutes=41)),
        PartView("database", "good", "database", {}),
        PartView("numbers", "stop", "marks-missing", {"service": "signing"}),
        PartView("letters", "warn", "letters-new", {"n": 1}),
    )
    waiting = (
        WaitingView("received", 9, NOW, 425, "261123-0004"),
        WaitingView("awaiting", 12, NOW, 4320, "261120-0017"),
        WaitingView("signed", 2, NOW, 2, "261123-0011"),
    )
    finding = Discrepancy(counter=Counter.GAP, kind="no-line", entry=ENTRY)
    numbers = Reconciliation(NOW, 1180, 3, 2, findings=(finding,))
    rows = (
        row(18, replay_of=17),
        row(17, "replay-sent"),
        row(9, "dismiss-noted", entry="", signed=False),
    )
    return SystemView(NOW, parts, numbers, waiting, GROWING, rows, 104)


def away() -> SystemView:
    parts = (
        PartView("bus", "stop", "bus-away", {}),
        PartView("letters", "warn", "letters-unknown", {}),
    )
    return SystemView(NOW, parts, Reconciliation(), (), (), None, 0)


def letter(**changes: object) -> DeadLetterView:
    known = row(**changes)
    return DeadLetterView(
        row=known,
        subject="ecopy.copy.sealed.v1",
        message_id="9f0b7f4e-0000-4000-8000-000000000001",
        published_at=NOW - timedelta(days=3),
        publisher="signing" if known.signed else "",
        start='{"specversion":"1.0"}\ufffd',
        cut=not known.signed,
        acts=(DeadLetterActView("replay-sent", NOW, "Hà Bảo Long", "đã sửa"),)
        if known.replay_of
        else (),
        most_why=300,
        now=NOW,
    )
