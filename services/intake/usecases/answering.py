"""Requests under a key: claimed before their act, answered again after it.

What a row means is decided in ``intake.domain.answering``. Start at
``Answering.claim``.
"""

from dataclasses import dataclass

from chassis.clock import Clock
from intake.domain import answering
from intake.domain.answering import InFlight, KeptAnswer, KeyedRequest, OtherRequest
from intake.ports import Answers


@dataclass(frozen=True, slots=True)
class Answering:
    """Keys and their answers, with the ports that they take."""

    answers: Answers
    clock: Clock

    def request(
        self, sender: str, key: str, method: str, address: str, body: bytes
    ) -> KeyedRequest:
        return answering.request(
            sender, key, method, address, body=body, at=self.clock()
        )

    async def claim(self, asked: KeyedRequest) -> KeptAnswer | None:
        """The answer that the key has; None where the request is to be carried out.
        Raises InFlight, OtherRequest.
        """
        row = await self.answers.claim(asked)
        stands = answering.standing(row, asked)
        if stands == "other":
            raise OtherRequest
        if stands == "in-flight":
            raise InFlight
        return row.answer if row is not None else None

    async def keep(self, asked: KeyedRequest, answer: KeptAnswer) -> None:
        await self.answers.keep(asked, answer)

    async def release(self, asked: KeyedRequest) -> None:
        """Nothing was done: the key may be sent again, also with another body."""
        await self.answers.release(asked)
