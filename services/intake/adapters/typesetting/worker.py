"""The process in which typst sets one paper, forked by ``chassis.zygote``.

It reads an order (JSON) from standard input, locks itself in, and leaves the paper in
its folder. Typst keeps what it has set for the next time, some 170 MB for a register of
2,000 lines (measured 2026-11-29, typst 0.15.2): here that memory ends with the process.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import typst

from chassis import sandbox
from chassis.sandbox import Bounds

HERE: Final = Path(__file__).parent
FONT_FILES: Final = HERE / "fonts"
FONTS: Final = typst.Fonts(
    include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONT_FILES]
)
"""Liberation Serif, the letters of the certified copies. No font of the machine."""
PROGRAM: Final = (HERE / "handout.typ").read_bytes()
PDF: Final = "handout.pdf"
PICTURE: Final = "handout.png"
PIXELS_AN_INCH: Final = 96
FAILED: Final = 3


def main() -> int:
    """0 when the paper lies in the folder."""
    order: dict[str, Any] = json.load(sys.stdin)
    bounds = Bounds(**order["bounds"])
    # Before the walls, because it resolves the root's path by a call that they refuse.
    # Nothing lies there that a program could read, and ours reads nothing.
    compiler = typst.Compiler(PROGRAM, root=Path.cwd(), font_paths=FONTS)
    sandbox.confine(bounds, readable=(FONT_FILES,), writable=Path.cwd())
    Path(sandbox.CONFINED).mkdir()
    try:
        made = _compiled(compiler, order)
    except typst.TypstError as error:
        Path("fault.txt").write_text(str(error), "utf-8")
        return FAILED
    Path(PICTURE if order["picture"] else PDF).write_bytes(made)
    return 0


def _compiled(compiler: typst.Compiler, order: dict[str, Any]) -> bytes:
    made = compiler.compile(
        format="png" if order["picture"] else "pdf",
        ppi=PIXELS_AN_INCH,
        sys_inputs={"facts": json.dumps(order["facts"], ensure_ascii=False)},
        timestamp=order["at"],
    )
    # A picture of several pages comes as a list; the first one is the one to look at.
    first = made[0] if isinstance(made, list) else made
    if first is None:
        raise AssertionError("typst wrote no file of ours and gave no bytes")
    return first


if __name__ == "__main__":
    sys.exit(main())
