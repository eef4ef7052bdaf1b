"""The words of ``init``, ``doctor --compose``, ``pin-trust``, and what they print."""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chassis.clock import utc_now
from chassis.starting import CannotStart
from onebox.compose.asking import add_options, answers
from onebox.compose.defect import Defect
from onebox.compose.examine import examine
from onebox.compose.laid import Laid, read_own_env
from onebox.compose.writing import FOR_ALL, Written, lay_out, pinned
from onebox.plain import say


def add_words(commands: Any) -> None:
    """``init`` and ``pin-trust``, for a parser of *commands*."""
    init = commands.add_parser(
        "init", help="what compose.yaml asks for: .env, secrets, trust, agencies, keys"
    )
    init.set_defaults(act=run_init)
    init.add_argument("--demo", action="store_true", help="with a development PKI")
    init.add_argument("--book", type=int, default=1, help="ordinal of the book")
    add_options(init)
    pins = commands.add_parser(
        "pin-trust", help="config/trust.json anew, after a change of keys or chains"
    )
    pins.set_defaults(act=run_pin_trust)
    for parser in (init, pins):
        add_folder(parser)


def add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder", type=Path, default=Path(), help="the folder of compose.yaml"
    )


def run_init(needs: argparse.Namespace) -> int:
    laid = Laid.at(needs.folder.resolve())
    if not (laid.root / ".env.example").is_file():
        raise CannotStart(
            f"{laid.root} không phải thư mục của ecopy (không có .env.example): vào thư"
            " mục đó rồi chạy lại.",
            f"{laid.root} is not the folder of ecopy (no .env.example): change to it"
            " and run again.",
        )
    _report(laid, lay_out(laid, answers(needs), utc_now()))
    return 0


def _report(laid: Laid, written: Written) -> None:
    for path in written.made:
        say(f"đã ghi · wrote  {laid.shown(path)}")
    for path in written.kept:
        say(f"giữ nguyên · kept  {laid.shown(path)}")
    say(f"mật khẩu, khóa · passwords, keys  {laid.shown(laid.secrets)}")
    say()
    say("Tiếp theo · next:")
    say(f"  1. đọc kỹ · read with care: {laid.shown(laid.trust)}")
    say("  2. deploy/docker/ecopy doctor")
    say("  3. docker compose up --wait")
    say("  4. docker compose exec -T intake service intake user-add …")
    say("     (docs/operations.md)")


def run_pin_trust(needs: argparse.Namespace) -> int:
    """The former document stays beside the new one."""
    laid = Laid.at(needs.folder.resolve())
    demo = read_own_env(laid.root).value("SIGNING__DEMO", "false").lower() == "true"
    content = pinned(laid, demo=demo)
    former = laid.trust.with_name("trust.json.former")
    draft = laid.trust.with_name("trust.json.new")
    draft.write_bytes(content)
    draft.chmod(FOR_ALL)
    if laid.trust.exists():
        laid.trust.replace(former)
        say(f"trước đây · the former one: {laid.shown(former)}")
    draft.replace(laid.trust)
    say(f"đã ghi, đọc kỹ rồi khởi động lại ba dịch vụ: {laid.shown(laid.trust)}")
    say("  · written; read it with care, then restart the three services")
    return 0


def run_doctor(needs: argparse.Namespace) -> int:
    """Exit status 0: nothing is wrong; 1: each mistake is named."""
    found = list(examine(Laid.at(needs.folder.resolve()), utc_now()))
    say(as_json(found) if needs.json else as_text(found))
    return 1 if found else 0


def as_json(found: Iterable[Defect]) -> str:
    told = [asdict(f) | {"good": False} for f in found]
    return json.dumps({"findings": told}, ensure_ascii=False, indent=2)


def as_text(found: Iterable[Defect]) -> str:
    lines = [f"✗ {f.where}\n    {f.vi}\n    {f.en}" for f in found]
    return "\n".join(lines) or "✓ mọi tệp dùng được · every file can be used"
