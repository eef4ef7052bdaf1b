"""Which fault comes when: drawn from one seed, and nothing else.

A seed draws the same faults in the same order again; what the machine makes of it in
between is not repeated. Start at ``drawn``.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

SERVICES = ("intake", "signing", "storage")
PROCESSES = (*SERVICES, "nats", "pki")
POINTS = {
    "intake": (
        "intake-upload-stored",
        "intake-approval-before-commit",
        "intake-approval-committed",
        "relay-published",
        "intake-issued-committed",
    ),
    "signing": (
        "signing-received",
        "signing-intent-written",
        "signing-officer-signed",
        "signing-sealed",
        "signing-stored",
        "signing-outcome-committed",
        "signing-archived-noted",
        "relay-published",
    ),
    "storage": (
        "storage-received",
        "storage-order-recorded",
        "storage-gated",
        "storage-archived-object",
        "storage-catalogued",
        "relay-published",
    ),
}
SELDOM = {
    *("signing-withdrawn", "signing-closed", "storage-rejected", "storage-closed"),
    "signing-held",
    *("storage-rot-aside", "storage-rot-removed", "storage-rot-healed"),
    *("intake-scans-released", "intake-scans-condemned", "intake-scans-deleted"),
    "intake-strays-noted",
    *("storage-copies-given-up", "storage-copy-erased"),
    "storage-beginnings-noted",
    *("storage-aside-noted", "storage-aside-erased"),
    "storage-unfinished-aside",
    *("intake-piece-stored", "intake-piece-committed"),
    *("intake-upload-received", "intake-upload-closed"),
    *("intake-arrival-stored", "intake-arrival-before-commit"),
    *("intake-arrival-committed", "intake-arrival-removed"),
    "intake-arrival-turned-away",
}
"""Steps that no usual case reaches: refused, void and rotten copies, and what has had
its time, have their own tests (``tests/faults/test_copies_on_their_way.py``,
``test_crash_points.py``, ``tests/contract/test_finished_scans.py``,
``test_expired_copies.py``); uploads in pieces need the script of the desk, which these
people do not have, and no scanner stands in the storm (``test_hot_folder.py``).
"""
PORTS = ("nats", "pki", "intake", "storage")
TSA_FAULTS = (
    "silence",
    "drip",
    "5xx",
    "429-seconds",
    "garbage",
    "cut",
    "hang-up",
    "wrong-nonce",
    "wrong-digest",
    "wrong-policy",
    "bad-signature",
    "rejection",
)
DIRECTORY_FAULTS = ("lying", "truncating")
STORE_FAULTS = ("unavailable", "lying", "truncating", "slow")
CLOCKS = ("+120", "-240", "-600", "+3600", "-3600", "+86400", "+1209600")
TARGETS = {
    "intake": 2.0,
    "signing": 4.0,
    "storage": 3.0,
    "nats": 3.0,
    "pki": 2.0,
    "postgresql": 3.0,
    "versitygw": 2.0,
}
"""How often each process is struck beside the others. Intake less than it deserves: all
that people do waits for it, and a storm without people strikes nothing."""
ALL = frozenset({"power-cut", "clock", "slow", "calm", "supervisor"})
"""Kinds that nothing else goes on beside."""
WIRES = frozenset({"drop", "reset", "lossy", "reorder"})
PLACES = {
    "slow": ("loopback",),
    "full-disk": ("var",),
    "read-only": ("var",),
    "tsa": ("tsa",),
    "store": ("store",),
    "clock": ("clock",),
    "database": ("postgresql",),
    "power-cut": ("house",),
    "supervisor": ("supervisor",),
    "directory": ("archive",),
    "calm": ("nobody",),
}
SECONDS = {
    "stop": (0.5, 9.0),
    "drop": (0.5, 8.0),
    "reset": (0.5, 8.0),
    "lossy": (0.5, 8.0),
    "reorder": (1.0, 8.0),
    "directory": (1.0, 6.0),
    "slow": (2.0, 6.0),
    "full-disk": (1.0, 8.0),
    "read-only": (1.0, 8.0),
    "tsa": (1.0, 10.0),
    "store": (1.0, 6.0),
    "clock": (3.0, 10.0),
    "database": (1.0, 5.0),
    "calm": (20.0, 20.0),
}
"""Least and most; kinds that are not here are over at once."""
WAYS = {
    "tsa": TSA_FAULTS,
    "store": STORE_FAULTS,
    "directory": DIRECTORY_FAULTS,
    "clock": CLOCKS,
    "database": ("kill", "interrupt", "backend", "stop"),
}
LONG_SHARE = 0.2
"""One of five lasts up to the most, the others not much longer than the least: many
faults, and still some that outlast every patience in the house."""
SHORT_SECONDS = 1.5
PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Fault:
    n: int
    kind: str
    targets: tuple[str, ...]
    seconds: float = 0.0
    """How long it lasts; a kill −9 has no length."""
    pause: float = 0.0
    """Before it begins."""
    how: str = ""

    @property
    def places(self) -> frozenset[str] | None:
        """What nothing else may strike meanwhile; None for the whole house."""
        if self.kind in ALL:
            return None
        wire = "wire " if self.kind in WIRES else ""
        queue = {"queue of loopback"} if self.kind == "reorder" else set()
        return frozenset({wire + target for target in self.targets} | queue)

    def __str__(self) -> str:
        how = f" {self.how}" if self.how else ""
        return (
            f"#{self.n} {self.kind}{how} {'+'.join(self.targets)} {self.seconds:.1f} s"
        )


@dataclass(frozen=True)
class Weights:
    """How often each kind is drawn; a kind that the house cannot have is left out."""

    of: dict[str, float] = field(
        default_factory=lambda: {
            "kill": 28,
            "kill-pair": 6,
            "kill-again": 6,
            "crash-point": 14,
            "stop": 14,
            "drop": 8,
            "reset": 8,
            "lossy": 5,
            "slow": 1,
            "reorder": 4,
            "full-disk": 2,
            "read-only": 2,
            "tsa": 6,
            "store": 6,
            "directory": 4,
            "supervisor": 1.5,
            "clock": 3,
            "database": 6,
            "power-cut": 1,
            "calm": 1,
        }
    )


KINDS = tuple(Weights().of)


def drawn(
    seed: int, kinds: Sequence[str], extra: Sequence[str] = ()
) -> Iterator[Fault]:
    """Faults without an end. *extra*: processes of this house beside the usual ones."""
    chance = random.Random(seed)
    weights = [Weights().of[kind] for kind in kinds]
    n = 0
    while True:
        n += 1
        kind = chance.choices(kinds, weights)[0]
        yield _drawn(chance, n, kind, extra)


def _drawn(chance: random.Random, n: int, kind: str, extra: Sequence[str]) -> Fault:
    everybody = (*PROCESSES, *extra)
    targets = _targets(chance, kind, everybody)
    least, most = SECONDS.get(kind, (0.0, 0.0))
    if chance.random() > LONG_SHARE:
        most = min(most, least + SHORT_SECONDS)
    seconds = chance.uniform(least, most)
    pause = chance.uniform(0.0, PAUSE_SECONDS)
    ways = POINTS[targets[0]] if kind == "crash-point" else WAYS.get(kind, ("",))
    return Fault(n, kind, targets, seconds, pause, chance.choice(ways))


def _targets(
    chance: random.Random, kind: str, everybody: Sequence[str]
) -> tuple[str, ...]:
    if kind == "kill-pair":
        return tuple(chance.sample(everybody, 2))
    if kind in PLACES:
        return PLACES[kind]
    among = SERVICES if kind == "crash-point" else everybody
    among = PORTS if kind in WIRES else among
    return tuple(chance.choices(among, [TARGETS[name] for name in among]))
