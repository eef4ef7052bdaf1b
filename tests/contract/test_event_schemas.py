"""The committed contracts are what the code says."""

import importlib.util
from pathlib import Path

import pytest

from ecopy import topology
from ecopy.events import EVENTS

spec = importlib.util.spec_from_file_location(
    "generate", Path(__file__).with_name("generate.py")
)
assert spec is not None
assert spec.loader is not None
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)


@pytest.mark.parametrize("name", generate.contracts())
def test_committed_contract_is_current(name):
    """A changed event shows as a changed file: run tests/contract/generate.py."""
    assert (generate.FOLDER / name).read_text() == generate.contracts()[name]


def test_no_contract_is_left_over():
    """An event that is gone takes its schema with it."""
    assert {p.name for p in generate.FOLDER.iterdir()} == set(generate.contracts())


def test_every_event_has_a_publisher_and_a_hearer():
    """Nothing is said to nobody, and nobody listens to what nobody may say."""
    subjects = {event.subject for event in EVENTS}
    assert set(topology.PUBLISHERS) == subjects
    assert {c.event.subject for c in topology.CONSUMERS} == subjects
    assert len({c.durable for c in topology.CONSUMERS}) == len(topology.CONSUMERS)


def test_every_consumer_starts_something():
    """A service that may hear an event subscribes to it in its ``worker.py``: else its
    messages would wait on the bus for ever.
    """
    unheard = [
        consumer.durable
        for name, consumer in vars(topology).items()
        if isinstance(consumer, topology.Consumer)
        and f"topology.{name}" not in worker_of(consumer).read_text("utf-8")
    ]
    assert unheard == []


def worker_of(consumer: topology.Consumer) -> Path:
    service = consumer.durable.partition("-")[0]
    return generate.ROOT / "services" / service / "worker.py"
