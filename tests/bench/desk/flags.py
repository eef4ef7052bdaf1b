"""``desk.flags_precision`` and ``desk.flags_recall``: of the worst flag.

The labelled pages are drawn from a seed that no threshold was set on, scanned and
photographed; each picture goes through what the worker looks with. Every flag's figures
and the false ones' names stand in ``build/flags.md``.
"""

import os
from collections.abc import Iterator
from typing import Final

from bench.figures import ROOT, Figure
from corpus.labelled.judging import FLAGS, Judged, Score, judged_files, score

SEEDS: Final = (4, 8)
"""Never looked at while a threshold was set; those were set on seeds 1 and 21, and seed
2 was looked at in between."""
FILES: Final = int(os.environ.get("BENCH_FLAG_FILES", "26"))
"""Of eight pages, for scans and for photographs, over all seeds: 416 pages."""
GOAL: Final = 0.95
TABLE: Final = ROOT / "build" / "flags.md"
PICTURES: Final = ROOT / "build" / "flags"


async def measure() -> dict[str, Figure]:
    scores, wrong = {}, []
    for taken in ("scan", "photo"):
        each = FILES // len(SEEDS)
        pages = [p for seed in SEEDS for p in judged_files(seed, each, taken)]
        scores |= {(taken, flag): score(pages, flag) for flag in FLAGS}
        wrong += [page for page in pages if page.wrong]
    PICTURES.mkdir(parents=True, exist_ok=True)
    TABLE.write_text("\n".join((*_table(scores), "", *_shown(wrong))) + "\n")
    return {
        "desk.flags_precision": _worst(scores, "precision"),
        "desk.flags_recall": _worst(scores, "recall"),
    }


def _worst(scores: dict[tuple[str, str], Score], what: str) -> Figure:
    (taken, flag), found = min(scores.items(), key=lambda one: getattr(one[1], what))
    return Figure(
        round(getattr(found, what), 3),
        "",
        f"≥ {GOAL}",
        f"the worst flag is {flag} on {taken}s; all of them stand in {TABLE.name}",
    )


def _table(scores: dict[tuple[str, str], Score]) -> Iterator[str]:
    yield "| pages | flag | so many | precision | recall | false | missed |"
    yield "|---|---|---|---|---|---|---|"
    for (taken, flag), found in scores.items():
        false, missed = (", ".join(ids) for ids in (found.false, found.missed))
        yield (
            f"| {taken} | {flag} | {len(found.true) + len(found.missed)} "
            f"| {found.precision:.3f} | {found.recall:.3f} | {false} | {missed} |"
        )


def _shown(pages: list[Judged]) -> Iterator[str]:
    """The pages that were judged otherwise than they are labelled, as they look."""
    yield "| page | is | was given | |"
    yield "|---|---|---|---|"
    for page in pages:
        if page.picture is None:
            continue
        page.picture.save(PICTURES / f"{page.id}.jpg", quality=80)
        labels, given = (" ".join(sorted(of)) for of in (page.labels, page.given))
        yield f"| {page.id} | {labels} | {given} | ![](flags/{page.id}.jpg) |"
