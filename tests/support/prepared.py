"""One zygote a kind for each test process: a start of it takes up to half a second."""

import atexit
from functools import cache

from chassis.workers import Zygote
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.process import SandboxedRebuilder, rebuild_workers
from intake.adapters.typesetting.process import (
    TypstTypesetter,
    typesetting_workers,
)
from strangers.limits import ReaderLimits
from strangers.reader import SignatureReader, signature_workers

ORDERS = 10_000
"""Of one zygote. A service replaces it after a hundred strangers' files, lest one learn
something for the next; the files of the tests are our own."""


def prepared_rebuilder(limits: Limits | None = None) -> SandboxedRebuilder:
    return SandboxedRebuilder(_rebuilding(), limits)


def quick_rebuilder(limits: Limits | None = None) -> SandboxedRebuilder:
    """With small pictures that are not judged (``support.quick_worker``)."""
    return SandboxedRebuilder(_quick("small"), limits)


def unjudging_rebuilder() -> SandboxedRebuilder:
    return SandboxedRebuilder(_quick("whole"))


def prepared_reader(limits: ReaderLimits | None = None) -> SignatureReader:
    return SignatureReader(_reading(), limits)


def prepared_typesetter() -> TypstTypesetter:
    return TypstTypesetter(_typesetting())


@cache
def taken_over(kind: str) -> Zygote:
    """Workers that run the code in their file: a function of ``support.taken_over``."""
    return _ended(Zygote(f"support.taken_over:{kind}"))


@cache
def taken_reader() -> Zygote:
    return _ended(Zygote("support.taken_reader:main"))


@cache
def _rebuilding() -> Zygote:
    return _ended(rebuild_workers(orders=ORDERS))


@cache
def _typesetting() -> Zygote:
    return _ended(typesetting_workers())


@cache
def _quick(kind: str) -> Zygote:
    return _ended(rebuild_workers(f"support.quick_worker:{kind}", orders=ORDERS))


@cache
def _reading() -> Zygote:
    return _ended(signature_workers())


def _ended(zygote: Zygote) -> Zygote:
    """It ends with this test process."""
    atexit.register(zygote.close)
    return zygote
