"""Signatures that are asked for at the same time are made together."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from ecopy.refusals import Hindrance, Refusal, Trouble


class SigningBatches:
    """``sign`` gets what came while the one before was under way, as database writes
    share a commit; never more than ``most`` says, and never twice at once.
    """

    def __init__(
        self, sign: Callable[[list[bytes]], list[bytes]], most: Callable[[], int]
    ) -> None:
        self._sign = sign
        self._most = most
        self._turn = threading.Lock()
        self._queue = threading.Lock()
        self._waiting: list[tuple[bytes, Future[bytes]]] = []

    def __call__(self, messages: Sequence[bytes]) -> list[bytes]:
        """In order. Raises what ``sign`` and ``most`` raise: everyone's in a batch."""
        mine: list[Future[bytes]] = [Future() for _ in messages]
        with self._queue:
            self._waiting.extend(zip(messages, mine, strict=True))
        with self._turn:
            while not all(future.done() for future in mine):
                self._serve()
        return [future.result() for future in mine]

    def _serve(self) -> None:
        try:
            batch = self._taken(self._most())
        except (Refusal, Trouble) as error:
            _fail(self._taken(None), error)
            return
        try:
            signatures = self._sign([message for message, _ in batch])
            for (_, future), signature in zip(batch, signatures, strict=True):
                future.set_result(signature)
        except (Refusal, Trouble) as error:
            _fail(batch, error)
        finally:  # whatever it was, nobody waits for ever
            _fail(batch, Trouble(Hindrance.KEYS, "the activation failed"))

    def _taken(self, most: int | None) -> list[tuple[bytes, Future[bytes]]]:
        with self._queue:
            batch = self._waiting[:most]
            del self._waiting[:most]
        return batch


def _fail(batch: list[tuple[bytes, Future[bytes]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
