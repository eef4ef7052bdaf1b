"""A template filled in: plain data, which the typesetter sets and never runs.

Start at ``filled``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

from intake.domain.handouts.fields import LISTS, PAGE_COUNT
from intake.domain.handouts.language import ParsedTemplate, TemplateLine, Words

Value = str | tuple[str, ...]
Run = dict[str, str | bool]
"""Words of one kind: ``text``, ``bold``, and ``pages`` for the count of pages."""
HEADS: Final = {
    "so": "ref",
    "noi-ngay": "place",
    "chan-trang": "footer",
    "dau-trang": "running",
}
"""Lines that have their place on the page whatever stands before them."""
_SIGNS: Final = frozenset({"ky", "noi-nhan"})


@dataclass(frozen=True, slots=True)
class Filling:
    """What a template is filled in with."""

    values: Mapping[str, Value]
    agency_lines: tuple[str, ...]
    demo: bool
    qr: str = ""
    """SVG of the code that stands beside the pairs."""
    handed_in: Sequence[Sequence[str]] = ()
    handed_in_sum: Sequence[str] = ()
    lines: Sequence[Sequence[str]] = ()
    """Rows of the register, or its months."""
    lines_sum: Sequence[str] = ()

    def with_values(self, more: Mapping[str, Value]) -> "Filling":
        return replace(self, values={**self.values, **more})


def filled(template: ParsedTemplate, filling: Filling) -> dict[str, Any]:
    """All that the typesetter needs, as JSON would have it."""
    blocks = [b for b in template.blocks if _shown(b, filling.values)]
    heads = {b.kind: b for b in blocks}
    title = next(block for block in blocks if block.kind == "title")
    return {
        "size": template.size,
        "demo": filling.demo,
        "title": "".join(str(run["text"]) for run in _runs(title.parts[0], filling)),
        "agency": list(filling.agency_lines) if "ten-co-quan" in heads else [],
        "extra": _head(heads.get("ten-co-quan"), filling),
        "motto": "quoc-hieu" in heads,
        **{name: _head(heads.get(kind), filling) for kind, name in HEADS.items()},
        "qr": filling.qr if "ma-qr" in heads else "",
        "blocks": list(_blocks(blocks, filling)),
        "handed_in": [list(row) for row in filling.handed_in],
        "handed_in_sum": list(filling.handed_in_sum),
        "lines": [list(row) for row in filling.lines],
        "lines_sum": list(filling.lines_sum),
    }


def _shown(block: TemplateLine, values: Mapping[str, Value]) -> bool:
    """Whether the line is set: an optional one only where all its fields have words."""
    empty = any(not values.get(name) for name in block.fields - {PAGE_COUNT})
    return not (block.optional and empty)


def _head(block: TemplateLine | None, filling: Filling) -> list[Run]:
    return [] if block is None or not block.parts else _runs(block.parts[0], filling)


def _blocks(
    blocks: Sequence[TemplateLine], filling: Filling
) -> Iterator[dict[str, Any]]:
    placed = {*HEADS, "ten-co-quan", "quoc-hieu", "ma-qr"}
    body = [block for block in blocks if block.kind not in placed]
    for kind, run in groupby(body, key=_group):
        group = list(run)
        if kind == "pair":
            rows = [[_runs(part, filling) for part in b.parts] for b in group]
            yield {"kind": "pairs", "rows": rows}
        elif kind == "signs":
            yield {"kind": "signs", "columns": [_sign(b, filling) for b in group]}
        else:
            for block in group:
                yield _single(block, filling)


def _group(block: TemplateLine) -> str:
    return "signs" if block.kind in _SIGNS else block.kind


def _sign(block: TemplateLine, filling: Filling) -> dict[str, Any]:
    parts = [_runs(part, filling) for part in block.parts]
    return {"recipients": block.kind == "noi-nhan", "parts": parts}


def _single(block: TemplateLine, filling: Filling) -> dict[str, Any]:
    if block.kind == "list":
        return {"kind": "list", "items": list(_items(block.parts[0], filling))}
    runs = _runs(block.parts[0], filling) if block.parts else []
    return {"kind": block.kind, "runs": runs}


def _items(words: Words, filling: Filling) -> Iterator[list[Run]]:
    """One line for each of the list that stands in *words*; they repeat around it."""
    name = next((p.field for p in words if p.field in LISTS), "")
    several = filling.values.get(name, ()) if name else ("",)
    for each in (several,) if isinstance(several, str) else several:
        yield [
            _run(each if p.field == name and name else p.text, bold=p.bold)
            for p in words
        ]


def _runs(words: Words, filling: Filling) -> list[Run]:
    return [
        _run("", bold=p.bold, pages=True)
        if p.field == PAGE_COUNT
        else _run(_value(p.field, filling) if p.field else p.text, bold=p.bold)
        for p in words
    ]


def _value(name: str, filling: Filling) -> str:
    value = filling.values.get(name, "")
    return value if isinstance(value, str) else "; ".join(value)


def _run(text: str, *, bold: bool, pages: bool = False) -> Run:
    return {"text": text, "bold": bold, "pages": pages}
