"""Servers shared by a whole run: started once, when a test first asks."""

import gc
import importlib.util
import os
import re
import sys
import tempfile
from pathlib import Path

import pytest
import structlog

from support import forks, memory, servers, statements
from support.settings import REQUIRED

statements.share()
# Else rich colours each line of each traceback: a twentieth of the time of the desk's
# tests, for words that are thrown away.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)
# httpx asks for it at each request to an application: it is not here, and to look for
# it in each folder again was a fiftieth of the time of the desk's tests.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None
# Before numpy is imported: its threads would be gone in a fork (``support.forks``).
os.environ["OPENBLAS_NUM_THREADS"] = "1"


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory):
    """One nats-server a run; a test that kills it makes its own."""
    with servers.nats_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres():
    with servers.postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory):
    with servers.s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def tmp_path(request, tmp_path_factory):
    """pytest's own looks through the folders of all tests before, for a number."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    return Path(tempfile.mkdtemp("", name, tmp_path_factory.getbasetemp()))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """A place for a database, which ``support.databases`` puts there: each contract is
    held by both engines.
    """
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/test.db"
    postgres: servers.Postgres = request.getfixturevalue("postgres")
    return postgres.place()


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is collected stays until the end: to look through it for garbage, in each
    process and again and again, took a tenth of the time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_addoption(parser):
    parser.addoption(
        "--forks", metavar="NUMBER|auto", help="processes after collecting"
    )


def pytest_configure(config):
    count = config.getoption("forks")
    if count and not hasattr(config, "workerinput"):
        number = forks.usual() if count == "auto" else int(count)
        # Nothing here asks what a power cut leaves; make faults does, and on a disk.
        config.option.basetemp = config.option.basetemp or memory.folder_of_a_run()
        config.pluginmanager.register(forks.Forks(config, number, _warm))


def _warm():
    from support import warm

    warm.make()
    gc.freeze()
    # What tests leave in circles is small: the usual pace took a twentieth of the time.
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Where everything is required (.ci/run), a skip is a failure, whoever asked it."""
    report = yield
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be missing: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    """The same of a whole module, which skips itself before it has a test to report."""
    report = yield
    if REQUIRED and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be missing: {report.longrepr}"
    return report
