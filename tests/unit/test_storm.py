"""The storm's own parts: a seed plays again, every planted mistake still fits the tree,
and each invariant can fail."""

import itertools
import random
import shutil

import pytest

from storm import plan
from storm.checker import Judge
from storm.history import History, Paper
from storm.house import StormHouse
from storm.planted import BUGS
from storm.report import Findings
from storm.walls import ROOT


def first(seed, kinds=plan.KINDS, n=60):
    return list(itertools.islice(plan.drawn(seed, kinds), n))


def test_a_seed_draws_the_same_faults_again():
    assert first(7) == first(7)
    assert first(7) != first(8)


def test_each_kind_is_drawn_with_a_target_and_a_way_of_its_own():
    for kind in plan.KINDS:
        for fault in first(3, [kind], 40):
            assert fault.kind == kind
            assert fault.targets
            if kind == "crash-point":
                assert fault.how in plan.POINTS[fault.targets[0]]


def test_every_named_step_of_the_services_can_be_drawn():
    """A step that a service gains is struck, too."""
    steps = set(itertools.chain.from_iterable(plan.POINTS.values()))
    sources = [*ROOT.glob("services/**/*.py"), *ROOT.glob("libs/chassis/*.py")]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    named = {piece.split('"', 1)[0] for piece in text.split('crash.reached("')[1:]}
    assert named == steps | plan.SELDOM


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_mistake_fits_the_tree_and_is_python(name, tmp_path):
    for edit in BUGS[name].edits:
        place = tmp_path / edit.file
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / edit.file, place)
        edit.apply(tmp_path)
        compile(place.read_text("utf-8"), edit.file, "exec")


def judged(tmp_path, lines, papers):
    findings = Findings()
    house = StormHouse(tmp_path, 1, tmp_path / "up.txt")
    history = History(tmp_path / "history.jsonl")
    judge = Judge(house, None, history, findings, tmp_path, random.Random(1))
    judge._numbers(lines, papers)
    judge._each_once([paper for paper in papers if paper.sha256])
    history.close()
    return {invariant for invariant, _ in findings.violations}


def paper(n, **more):
    steps = dict.fromkeys(("opened", "approved"), 0.0)
    return Paper(n, f"Bằng {n}", (), acknowledged=steps, **more)


def test_a_book_without_a_fault_is_sound(tmp_path):
    papers = [paper(1, number="1/2026", sha256="a"), paper(2, sha256="b")]
    assert judged(tmp_path, [(1, "Bằng 1"), (2, "Bằng 2")], papers) == set()


@pytest.mark.parametrize(
    ("lines", "papers", "broken"),
    [
        ([(1, "Bằng 1"), (3, "Bằng 3")], [paper(1), paper(3)], "holes"),
        ([(1, "Bằng 1"), (1, "Bằng 2")], [paper(1), paper(2)], "double"),
        ([(1, "Bằng 1"), (2, "Bằng 1")], [paper(1)], "double"),
        ([(1, "Bằng 1")], [paper(1), paper(2)], "lost"),
        ([(1, "Bằng 1")], [paper(1), paper(2, number="2/2026")], "lost"),
        ([(1, "Bằng 1")], [paper(1, number="7/2026")], "double"),
        (
            [(1, "Bằng 1"), (2, "Bằng 2")],
            [paper(1, sha256="a"), paper(2, sha256="a")],
            "open_links",
        ),
    ],
)
def test_a_broken_book_breaks_its_own_invariant(tmp_path, lines, papers, broken):
    assert judged(tmp_path, lines, papers) == {broken}
