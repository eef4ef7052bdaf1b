"""``python -m intake dead list|show|replay|dismiss``: what the operator of the machine
does about dead letters, by the same use case as the administrator's page.

Written down in the staff's audit as ``operator``, with the account of the machine. Exit
status: 0 done, 1 refused or no such letter, 3 the bus or the database does not answer.
Start at ``run``.
"""

import argparse
import os
import pwd
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from chassis.clock import LOCAL, utc_now
from chassis.database import open_database
from chassis.dead_letters import open_dead_letters
from chassis.signatures import Verifier
from ecopy.dead_letter import BusAway
from ecopy.refusals import Trouble
from intake.adapters.sql.dead_letters import SqlDeadLetterActs
from intake.domain.dead_letters import NEW, DeadLetterAct
from intake.domain.people import Actor
from intake.domain.records import NotFound
from intake.domain.states import NotAllowed
from intake.settings import Settings
from intake.usecases.replaying import Replaying, ShownLetter

DONE, REFUSED, NOT_REACHED = 0, 1, 3
_STANDING: Final = {
    "new": "mới · new",
    "replay-asked": "đã cho chạy lại, chờ gửi · replay to be sent",
    "replay-sent": "đã chạy lại · replayed",
    "replay-gone": "không chạy lại được, tin không còn · gone before its replay",
    "dismiss-noted": "không cần làm gì · dismissed",
}

_UNSIGNED_VI: Final = (
    "Tin {number} không có chữ ký đúng của phần nào nên chưa gửi gì: phần nhận sẽ lại"
    " để riêng. Sửa tệp khóa công khai nếu khóa vừa đổi, hoặc ecopy dead dismiss"
    " {number}."
)
_UNSIGNED_EN: Final = (
    "No part of the system has signed letter {number}, so nothing was sent: its"
    " consumer would park it again. Mend the file of public keys if a key was just"
    " changed, or ecopy dead dismiss {number}."
)
_TOO_LONG_VI: Final = "Lời ở --why dài quá {most} ký tự, chưa làm gì: rút ngắn lại."
_TOO_LONG_EN: Final = "--why is over {most} characters, nothing was done: shorten it."


async def run(settings: Settings, needs: argparse.Namespace) -> int:
    number = getattr(needs, "number", 0)
    try:
        async with _open_replaying(settings) as replaying:
            lines = await _done(replaying, needs)
    except NotFound:
        return _no(
            REFUSED,
            f"Không có tin dừng hẳn số {number}: xem lại số bằng ecopy dead list.",
            f"There is no dead letter {number}: look its number up with ecopy dead"
            f" list.",
        )
    except NotAllowed as refusal:
        return _no(REFUSED, *_refused(refusal, number))
    except BusAway as error:
        return _no(
            NOT_REACHED,
            f"Hàng đợi tin không trả lời ({error}), chưa làm gì: chạy lại khi ecopy"
            f" đang chạy.",
            f"The bus does not answer ({error}), nothing was done: run it again while"
            f" ecopy is up.",
        )
    except Trouble as trouble:
        return _no(
            NOT_REACHED,
            f"Cơ sở dữ liệu không trả lời ({trouble}): thử lại sau một phút.",
            f"The database does not answer ({trouble}): try again in a minute.",
        )
    sys.stdout.write("\n".join(lines) + "\n")
    return DONE


@asynccontextmanager
async def _open_replaying(settings: Settings) -> AsyncIterator[Replaying]:
    verifier = Verifier.from_file(settings.nats.public_keys_file)
    async with (
        open_database(settings.database.url.get_secret_value()) as store,
        open_dead_letters(settings.nats, "intake", verifier) as letters,
    ):
        yield Replaying(letters=letters, acts=SqlDeadLetterActs(store), clock=utc_now)


async def _done(replaying: Replaying, needs: argparse.Namespace) -> list[str]:
    if needs.act == "list":
        return _listed(await replaying.all())
    operator = _operator()
    if needs.act == "show":
        return _shown(await replaying.show(needs.number, operator))
    if needs.act == "replay":
        letter = await replaying.replay(needs.number, needs.why, operator)
        vi, en = "Đã cho chạy lại tin", "to be heard again by"
        return [f"{vi} {letter.number} · {en} {letter.consumer}"]
    await replaying.dismiss(needs.number, needs.why, operator)
    vi, en = "không cần làm gì", "nothing is to be done about it"
    return [f"Đã ghi, tin {needs.number}: {vi} · {en}"]


def _operator() -> Actor:
    """Who runs this, by the kernel's word and not by an environment variable's."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"uid {os.getuid()}"
    return Actor(user="operator", name=name, agency="")


def _listed(shown: Sequence[ShownLetter]) -> list[str]:
    if not shown:
        return ["Không có tin dừng hẳn nào · there are no dead letters"]
    new = sum(each.standing == NEW for each in shown)
    return [
        *(line for each in shown for line in _row(each)),
        f"{len(shown)} tin, {new} mới · {len(shown)} letters, {new} new",
    ]


def _row(shown: ShownLetter) -> list[str]:
    letter = shown.letter
    parked = letter.parked_at.astimezone(LOCAL).strftime("%d/%m/%Y %H:%M:%S")
    about = f"{parked}  {letter.consumer}  {letter.entry or '?'}  {letter.size} bytes"
    standing = _STANDING.get(shown.standing, shown.standing)
    return [f"{letter.number}  {about}  {standing}", f"    {letter.reason}"]


def _shown(shown: ShownLetter) -> list[str]:
    letter = shown.letter
    sent = letter.published_at
    return [
        *_row(shown),
        f"    loại tin · subject: {letter.subject or '?'}",
        f"    mã tin · message id: {letter.message_id or '?'}",
        f"    lần đầu · first sent: {sent.isoformat() if sent else '?'}",
        f"    chữ ký · signature: {_signature(letter.publisher)}",
        f"    chạy lại của · replay of: {letter.replay_of or '-'}",
        *map(_act, shown.acts),
        f"    {letter.start}",
    ]


def _act(act: DeadLetterAct) -> str:
    what = _STANDING.get(act.slug, act.slug)
    return f"    {act.at.isoformat()} {act.by}: {what}  {act.why}".rstrip()


def _signature(publisher: str) -> str:
    if publisher:
        return f"đúng của {publisher} · of {publisher}"
    return "không đúng của phần nào, không chạy lại được · nobody's, cannot be replayed"


def _refused(refusal: NotAllowed, number: int) -> tuple[str, str]:
    unsigned = refusal.key == "error.letter-unsigned"
    vi = _UNSIGNED_VI if unsigned else _TOO_LONG_VI
    en = _UNSIGNED_EN if unsigned else _TOO_LONG_EN
    values = {"number": number, **refusal.values}
    return vi.format_map(values), en.format_map(values)


def _no(status: int, vi: str, en: str) -> int:
    sys.stderr.write(f"{vi}\n{en}\n")
    return status
