"""A pytest plugin: which test ran which line of the product, and how long it took.

``-p mutants.lines`` writes the file that LINES_OF_TESTS names. What only ran in a
program that a test started is not seen.
"""

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest
from coverage import Coverage

_ROOT = Path(__file__).parents[2]
_SOURCES = [str(_ROOT / source / "*") for source in ("libs", "services", "deploy")]

_coverage = Coverage(data_file=None, config_file=False, include=_SOURCES)
_seconds: dict[str, float] = defaultdict(float)
_failed: list[str] = []


def pytest_configure():
    _coverage.start()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    _coverage.switch_context(item.nodeid)
    return (yield)


def pytest_runtest_logreport(report):
    _seconds[report.nodeid] += report.duration
    if report.failed:
        _failed.append(report.nodeid)


def pytest_unconfigure():
    _coverage.stop()
    data = _coverage.get_data()
    lines = {
        str(Path(file).relative_to(_ROOT)): data.contexts_by_lineno(file)
        for file in data.measured_files()
    }
    written = json.dumps({"lines": lines, "seconds": _seconds, "failed": _failed})
    Path(os.environ["LINES_OF_TESTS"]).write_text(written)
