"""A child of the onebox ends with it, also when it came too late to be told."""

import os
import subprocess
import sys

import pytest

from onebox.processes import end_with


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
@pytest.mark.parametrize(("parent", "status"), [("ours", 0), ("gone", 1)])
def test_a_child_whose_parent_has_gone_meanwhile_ends_at_once(parent, status):
    """The kernel tells nobody of a death that was before the question."""
    named = {"ours": os.getpid(), "gone": os.getppid()}[parent]
    done = subprocess.run(["true"], check=False, preexec_fn=lambda: end_with(named))
    assert done.returncode == status
