"""What ``make demo`` made, before the judges of every other copy."""

import signal
import subprocess
from pathlib import Path

import pytest

from conformance.hearing import all_agree
from onebox.settings import for_child
from support.houses import announcements, ecopy, six_free_ports


@pytest.fixture
def demo(tmp_path):
    """A house that stays up, since pdfsig asks its authorities; what it printed."""
    with subprocess.Popen(
        [*ecopy(tmp_path / "var", six_free_ports()), "demo"],
        env=for_child({}),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield dict(announcements(process))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)


def test_every_judge_accepts_the_copy_and_refuses_what_was_altered(
    demo,
):
    """EU DSS compares no pictures here; it does in ``.ci/run``'s clean clone."""
    assert demo["verdict"] == "GENUINE"
    all_agree(Path(demo["copy"]), Path(demo["trust"]), "demo", "--no-render")
