"""The timestamp authority of the storm's house: good, or bad in a chosen way.

Its certificate is the development TSA's own, so a good answer is a real one. Start at
``open_tsa``.
"""

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from chassis.clock import utc_now
from support.faulty_tsa import faulty_tsa

PATIENCE = timedelta(seconds=10)
"""What it asks for with 429: what waits for longer would look like what is stuck."""


@contextlib.contextmanager
def open_tsa(
    pki: Path, port: int, seconds_off: Callable[[], float]
) -> Iterator[Callable[[str], None]]:
    """A function that sets the fault, ``""`` for none; its clock is the house's."""

    def clock():
        return utc_now() + timedelta(seconds=seconds_off())

    with faulty_tsa(SimpleNamespace(folder=pki), clock, port) as tsa:
        tsa.patience = PATIENCE

        def behave(how: str) -> None:
            tsa.fault = how

        yield behave


def environment(port: int) -> dict[str, str]:
    return {"SIGNING__TSA__URLS": f'["http://127.0.0.1:{port}/tsa"]'}
