"""Test files shared out among processes that are forked after collecting.

``--forks 4`` (``make test``): pytest imports and collects once, and each of four forks
of it takes one file after the other, whichever is next. Processes that pytest-xdist
starts collect everything anew, each for seven seconds of a processor, and know their
files in advance. See docs/decisions/0133. Start at ``Forks.pytest_runtestloop``.
"""

import atexit
import itertools
import multiprocessing
import os
import struct
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

import pytest

_PLACE = struct.Struct("=H")
_QUEUE_BYTES = 4096
"""What a pipe holds everywhere without a reader: two thousand files."""


def usual() -> int:
    """Twice as many as processors: for a third of its time a test waits, for a server
    that starts or for a deadline that must pass.
    """
    return 2 * (os.cpu_count() or 1)


class Forks:
    """pytest's plugin in the process that collects; it runs no test itself."""

    def __init__(
        self,
        config: pytest.Config,
        count: int,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        """*prepare* makes what each fork would make for itself."""
        self._config = config
        self._count = count
        self._prepare = prepare
        self._threading = ""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not self._threading and _threads() > 1:
            self._threading = report.nodeid

    def pytest_collection_finish(self) -> None:
        """A lock that another thread has at the moment of a fork stays shut in the
        fork, and what waits for that thread waits for ever.
        """
        if _threads() > 1:
            # Seen: typst, which draws the corpus, and numpy (tests/conftest.py).
            raise pytest.UsageError(
                f"{self._threading} starts a thread when it is imported, so the tests "
                "cannot be forked. Make what it makes where a test asks for it."
            )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if session.testsfailed or self._config.option.collectonly:
            return None
        self._prepare()
        assert _threads() == 1, "what was prepared has a thread"
        files = [
            list(items)
            for _, items in itertools.groupby(session.items, lambda item: item.path)
        ]
        queue = _queue_of(len(files))
        folder = self._config._tmp_path_factory.getbasetemp()
        forks = []
        try:
            for number in range(min(self._count, len(files))):
                theirs = _next_items(queue, files)
                forks.append(_forked(session, theirs, folder / f"fork-{number}", forks))
            os.close(queue)
            self._listen(session, {fork.reports: fork for fork in forks})
        finally:
            for fork in forks:
                fork.end()
        return True

    def _listen(self, session: pytest.Session, forks: dict[Connection, "_Fork"]):
        """Until each has said that it is done; what they report is reported here."""
        while forks:
            for line in wait(list(forks)):
                try:
                    kind, said = line.recv()
                except EOFError:
                    session.shouldfail = forks[line].lost()
                    raise session.Failed(session.shouldfail) from None
                if kind == "done":
                    del forks[line]
                    continue
                if kind == "broken":
                    session.shouldfail = f"a process of the tests broke:\n{said}"
                else:
                    self._report(forks[line], kind, said)
                if session.shouldfail:
                    raise session.Failed(session.shouldfail)
                if session.shouldstop:
                    raise session.Interrupted(session.shouldstop)

    def _report(self, fork: "_Fork", kind: str, said) -> None:
        hook = self._config.hook
        if kind == "logreport":
            said = {
                "report": hook.pytest_report_from_serializable(
                    config=self._config, data=said
                )
            }
        if kind == "logstart":
            fork.running = said["nodeid"]
        if kind == "warning_recorded":
            hook.pytest_warning_recorded.call_historic(kwargs=said)
        else:
            getattr(hook, f"pytest_runtest_{kind}")(**said)


def _threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


@dataclass
class _Fork:
    pid: int
    reports: Connection
    running: str = ""

    def lost(self) -> str:
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        code = os.waitstatus_to_exitcode(status)
        return f"the process of {self.running} ended with {code} before it was done"

    def end(self) -> None:
        """Where all is well it has nothing left to do; else it must not go on."""
        self.reports.close()
        if self.pid:
            os.waitpid(self.pid, 0)


def _queue_of(count: int) -> int:
    """The places of *count* files, in a pipe from which each fork reads the next. Two
    bytes that were written together are read together.
    """
    ours, theirs = os.pipe()
    places = b"".join(map(_PLACE.pack, range(count)))
    assert len(places) <= _QUEUE_BYTES
    os.write(theirs, places)
    os.close(theirs)
    return ours


def _next_items(queue: int, files: list[list[pytest.Item]]) -> Iterator[pytest.Item]:
    while place := os.read(queue, _PLACE.size):
        yield from files[_PLACE.unpack(place)[0]]


def _forked(
    session: pytest.Session,
    items: Iterator[pytest.Item],
    folder: Path,
    others: list[_Fork],
) -> _Fork:
    reports, ours = multiprocessing.Pipe(duplex=False)
    pid = os.fork()
    if not pid:
        # Whoever reports to nobody must hear of it: only the parent may hold this end.
        for line in (reports, *(fork.reports for fork in others)):
            line.close()
        _live(session, items, ours, folder)
    ours.close()
    return _Fork(pid, reports)


def _live(
    session: pytest.Session,
    items: Iterator[pytest.Item],
    reports: Connection,
    folder: Path,
):
    """The fork: runs what it is given, ends as a pytest does, and never returns."""
    code = 1
    try:
        _become_worker(session.config, reports, folder)
        try:
            _run(session, items)
        finally:
            _finish(session)
        reports.send(("done", None))
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, the parent says it
        reports.send(("broken", traceback.format_exc()))
    finally:
        os._exit(code)


def _finish(session: pytest.Session) -> None:
    """What was set up for a whole session is taken down, as where pytest ends."""
    session.config.hook.pytest_sessionfinish(session=session, exitstatus=0)
    session.config._ensure_unconfigure()
    atexit._run_exitfuncs()


def _become_worker(config: pytest.Config, reports: Connection, folder: Path) -> None:
    """Nothing is written by two, and what ends the other process is not ended here."""
    atexit._clear()
    # pytest's own plugins see by this that another process prints and keeps the cache.
    config.workerinput = {"workerid": folder.name}
    config.option.basetemp = folder
    config._tmp_path_factory = pytest.TempPathFactory.from_config(
        config, _ispytest=True
    )
    plugins = config.pluginmanager
    plugins.unregister(name="terminalreporter")
    # The files into which output goes were opened before the fork, with one offset.
    capturing = plugins.getplugin("capturemanager")
    capturing.stop_global_capturing()
    capturing.start_global_capturing()
    plugins.register(_Reports(config, reports))


def _run(session: pytest.Session, items: Iterator[pytest.Item]) -> None:
    item = next(items, None)
    while item is not None and not (session.shouldfail or session.shouldstop):
        following = next(items, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        item = following


class _Reports:
    """pytest's plugin in a fork: each report goes to the process that collected."""

    def __init__(self, config: pytest.Config, line: Connection) -> None:
        self._config = config
        self._line = line

    def pytest_runtest_logstart(self, nodeid, location) -> None:
        self._line.send(("logstart", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logfinish(self, nodeid, location) -> None:
        self._line.send(("logfinish", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logreport(self, report) -> None:
        data = self._config.hook.pytest_report_to_serializable(
            config=self._config, report=report
        )
        self._line.send(("logreport", data))

    def pytest_warning_recorded(self, warning_message, when, nodeid, location) -> None:
        said = {
            "warning_message": warning_message,
            "when": when,
            "nodeid": nodeid,
            "location": location,
        }
        self._line.send(("warning_recorded", said))
