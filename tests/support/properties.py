"""How tests of properties draw: the same on each run, and bounded.

A failure is found again by running the test again, so that nothing is kept on the disk;
and no example has a deadline of its own, because a busy machine is no fault.
"""

from hypothesis import HealthCheck, settings

from support.settings import share

DRAWN = settings(
    max_examples=share(200),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
STEPPED = settings(DRAWN, max_examples=share(80), stateful_step_count=14)
