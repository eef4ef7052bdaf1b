"""Signatures that are asked for at the same time are made together."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from ecopy.refusals import Hindrance, Refusal, Trouble


class SigningBatches:
    """Makes batches: ``sign`` gets what came while the batch before was under way, as
    database writes share a commit; never more than ``most`` says, and never two batches
    at once.
    """

    def __init__(
        self, sign: Callable[[list[bytes]], list[bytes]], most: Callable[[], int]
    ) -> None:
        self._sign = sign
        self._most = most
        # Held for a whole batch, with its call to the service. Who waits for it finds
        # their signatures made, or makes the next batch themselves.
        self._turn = threading.Lock()
        # Guards _waiting; held for adding to it and for cutting a batch off it.
        self._queue = threading.Lock()
        self._waiting: list[tuple[bytes, Future[bytes]]] = []

    def __call__(self, messages: Sequence[bytes]) -> list[bytes]:
        """The signatures in the order of *messages*. Raises what ``sign`` or ``most``
        raised, to everybody whose message was in the batch.
        """
        mine: list[Future[bytes]] = [Future() for _ in messages]
        with self._queue:
            self._waiting.extend(zip(messages, mine, strict=True))
        with self._turn:
            while not all(future.done() for future in mine):
                self._serve()
        return [future.result() for future in mine]

    def _serve(self) -> None:
        try:
            batch = self._take(self._most())
        except (Refusal, Trouble) as error:
            _fail(self._take(None), error)
            return
        try:
            signatures = self._sign([message for message, _ in batch])
            for (_, future), signature in zip(batch, signatures, strict=True):
                future.set_result(signature)
        except (Refusal, Trouble) as error:
            _fail(batch, error)
        finally:  # whatever it was, nobody waits for ever
            _fail(batch, Trouble(Hindrance.KEYS, "the activation failed"))

    def _take(self, most: int | None) -> list[tuple[bytes, Future[bytes]]]:
        """Cut the first *most* messages off the queue; None: all."""
        with self._queue:
            batch = self._waiting[:most]
            del self._waiting[:most]
        return batch


def _fail(batch: list[tuple[bytes, Future[bytes]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
