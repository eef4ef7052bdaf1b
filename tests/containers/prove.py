"""The story in real containers: ``python tests/containers/prove.py [--keep]``.

Needs a Docker engine with compose, the images that compose.yaml names (``run`` beside
this file brings both), root on the engine's machine, and the project's environment. It
builds, starts, tells the story through Caddy's TLS, tries every pair of rooms from
inside, changes the house under load, and takes everything down again. Exit 0 only if
every promise held; each is printed as it is tried.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / p) for p in ("libs", "services", "deploy", "tests")]
# A script's own folder comes first by itself; ``trial`` is imported by its whole name.
sys.path.remove(str(Path(__file__).parent))

from containers.certificates import own_certificate, redirected  # noqa: E402
from containers.changes import (  # noqa: E402
    CHANGES,
    go_down_and_up,
    restored,
    scale_up,
)
from containers.images import images  # noqa: E402
from containers.load import Load, books  # noqa: E402
from containers.rooms import Tried, hardening, walls  # noqa: E402
from containers.trial import Trial  # noqa: E402
from onebox import story  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="prove.py", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave it running")
    keep = parser.parse_args().keep
    with tempfile.TemporaryDirectory(prefix="ecopy-containers-") as folder:
        trial = Trial(Path(folder))
        try:
            return _prove(trial)
        finally:
            if not keep:
                trial.compose("down", "--volumes", "--timeout", "15", check=False)


def _prove(trial: Trial) -> int:
    broken: list[str] = []

    def judge(tried: Iterable[Tried]) -> None:
        for promise, holds in tried:
            print(f"{'ok ' if holds else 'BROKEN'} {promise}", flush=True)
            if not holds:
                broken.append(promise)

    trial.lay_out()
    with _timed("build"):
        sizes = trial.build()
    judge(images(sizes))
    with _timed("up --wait"):
        trial.up()
    trial.trust_caddy()
    trial.add_people()
    load = Load(trial)
    judge(_told(load))
    judge(redirected(trial))
    judge(walls(trial))
    judge(hardening(trial))
    for change in CHANGES:
        with _timed(change.__name__):
            asyncio.run(load.during(lambda change=change: change(trial)))
        if change is scale_up:
            judge(walls(trial))
        judge(asyncio.run(books(trial)))
    judge(_only_genuine(load))
    with _timed(go_down_and_up.__name__):
        go_down_and_up(trial)
    judge(_every_copy(load))
    judge(asyncio.run(books(trial)))
    judge(restored(trial))
    judge(_told(load))
    judge(own_certificate(trial))
    for promise in broken:
        print(f"broken: {promise}")
    return 1 if broken else 0


def _told(load: Load) -> Iterator[Tried]:
    verdict = asyncio.run(load.tell())
    yield f"from scan to verdict through Caddy: {verdict}", verdict == story.GENUINE


def _only_genuine(load: Load) -> Iterator[Tried]:
    told, broken = dict(load.verdicts), dict(load.broken)
    genuine = set(told) == {story.GENUINE}
    yield f"under load {told}, cut off and begun anew: {broken}", genuine


def _every_copy(load: Load) -> Iterator[Tried]:
    """Every file that a citizen has fetched, dropped on the public page again."""
    verdicts = asyncio.run(load.verified())
    genuine = set(verdicts) == {story.GENUINE}
    yield f"after down and up {dict(verdicts)} of what was fetched", genuine


@contextlib.contextmanager
def _timed(name: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    print(f"    {name}: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
