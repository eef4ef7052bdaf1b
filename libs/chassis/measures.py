"""Prometheus' text format: what services measure, and how it is written.

Written by hand, without ``prometheus_client``: what is needed are the functions below,
and the process that reaches keys loads as little of others' code as it can
(docs/decisions/0157). That it can be read is held by Prometheus' own checker. Which
metrics there are stands with what they measure; ``operations`` serves them, and
``metrics_page`` the three counters of the books also on a service's web face.
"""

from collections import Counter as Counts
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from ecopy.reckoning import Counter

Measure = tuple[str, float]
"""A metric's name with its labels in Prometheus' text form, and its value."""

# From a responder in the next room (10 ms) to the timeout of a whole call (10 s).
BUCKETS_SECONDS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def escaped(label: str) -> str:
    """A label's value in Prometheus' text form."""
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def metrics_text(measures: Iterable[Measure]) -> str:
    """The page that ``/metrics`` serves: one line for each measure."""
    return "".join(f"{name} {value:.15g}\n" for name, value in measures)


def reconciled(service: str, figures: Mapping[Counter, int]) -> Iterable[Measure]:
    """The three counters of a service's own books (``chassis.reconciler``), each 0 in a
    sound house.
    """
    for counter, number in figures.items():
        yield f'ecopy_reconcile{{service="{service}",counter="{counter}"}}', number


class Latency:
    """A histogram of durations: cumulative counts by upper limit, sum and count.
    Whoever shares it among threads holds a lock of their own.
    """

    def __init__(self) -> None:
        self._counts = [0] * len(BUCKETS_SECONDS)
        self._sum, self._count = 0.0, 0

    def add(self, seconds: float) -> None:
        """Count one duration; none is negative, though a clock was set back in it."""
        seconds = max(0.0, seconds)
        self._sum, self._count = self._sum + seconds, self._count + 1
        for at, limit in enumerate(BUCKETS_SECONDS):
            self._counts[at] += seconds <= limit

    def measures(self, name: str, labels: str) -> Iterable[Measure]:
        for limit, count in zip(BUCKETS_SECONDS, self._counts, strict=True):
            yield f'{name}_bucket{{{labels},le="{limit:g}"}}', count
        yield f'{name}_bucket{{{labels},le="+Inf"}}', self._count
        yield f"{name}_sum{{{labels}}}", self._sum
        yield f"{name}_count{{{labels}}}", self._count


class DeliveryCounts:
    """What became of the deliveries of this process, by consumer. One thread counts."""

    def __init__(self) -> None:
        self._counts = Counts[tuple[str, str]]()
        self._seconds = defaultdict[str, Latency](Latency)

    def add(self, consumer: str, outcome: str, seconds: float) -> None:
        """*outcome*: handled, refused, parked, retried, or unanswered."""
        self._counts[consumer, outcome] += 1
        self._seconds[consumer].add(seconds)

    def measures(self) -> Iterable[Measure]:
        for (consumer, outcome), count in sorted(self._counts.items()):
            labels = f'consumer="{consumer}",outcome="{outcome}"'
            yield f"ecopy_deliveries_total{{{labels}}}", count
        for consumer, latency in sorted(self._seconds.items()):
            yield from latency.measures(
                "ecopy_delivery_seconds", f'consumer="{consumer}"'
            )


DELIVERIES: Final = DeliveryCounts()
"""What this process counts: its consumers run in one event loop."""
