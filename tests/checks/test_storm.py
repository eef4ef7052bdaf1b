"""The storm's own parts: a seed plays again, every planted mistake still fits the tree,
and each invariant can fail."""

import asyncio
import itertools
import random
import shutil
import subprocess
import sys

import pytest

from storm import plan
from storm.checker import Judge
from storm.history import History, Paper
from storm.house import StormHouse
from storm.planted import BUGS
from storm.report import Findings, keep_run, summed
from storm.sessions import fresh_faults
from storm.turns import Places
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


def test_two_faults_of_one_process_never_overlap_and_the_house_waits_its_turn():
    """What is struck twice at once would be blamed on the wrong fault; a fault of the
    whole house is not put off for ever by small ones."""
    places, on, seen = Places(), [], []

    async def strike(fault):
        async with places.reserved(fault):
            on.append(fault)
            seen.append([each.n for each in on])
            await asyncio.sleep(0)
            on.remove(fault)

    async def storm():
        faults = [("kill", "nats"), ("drop", "nats"), ("stop", "nats"),
                  ("power-cut", "house"), ("kill", "pki")]  # fmt: skip
        drawn = [plan.Fault(n, kind, (name,)) for n, (kind, name) in enumerate(faults)]
        await asyncio.gather(*(strike(fault) for fault in drawn))

    asyncio.run(storm())
    assert [0, 1] in seen  # a process and its wire
    assert not [each for each in seen if {0, 2} <= set(each)]
    assert [3] in seen
    assert [each[-1] for each in seen] == [0, 1, 2, 3, 4]


def test_every_fresh_house_has_a_cut_of_its_own_and_a_second():
    houses = list(itertools.islice(fresh_faults(5, itertools.count()), 30))
    assert [n for n, _ in houses] == list(range(30))
    assert {second.how for _, (_, second) in houses} == {"again", "second"}
    assert houses == list(itertools.islice(fresh_faults(5, itertools.count()), 30))


def test_runs_are_added_up(tmp_path):
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    for path, share in zip(paths, (0.9, 1.2), strict=True):
        run = Findings(recovery=[1.0], beside=2)
        run.outcomes["kill", "nats"]["recovered"] = 3
        run.numbers = {"faults": 3, "drain_of_normal": share}
        keep_run(run, path, "--seed 1")
    total = summed(paths)
    assert total.outcomes["kill", "nats"] == {"recovered": 6}
    assert (total.recovery, total.beside) == ([1.0, 1.0], 4)
    assert total.numbers == {"faults": 6, "drain_of_normal": 0.9}
    assert total.violations == []


def test_one_run_with_a_loss_makes_the_sum_one_with_a_loss(tmp_path):
    run = Findings()
    run.broken("lost", "copy 3")
    keep_run(run, tmp_path / "one.json", "--seed 1")
    assert summed([tmp_path / "one.json"]).count("lost") == 1


@pytest.mark.parametrize(("how", "left"), [("", 8), ("lying", 0), ("truncating", 4)])
def test_the_archives_folder_can_lie_to_storage(how, left, tmp_path):
    """The layer between a service and its folder in the storm's house."""
    folder = tmp_path / "objects" / "archive"
    folder.mkdir(parents=True)
    (tmp_path / "arm.disk").write_text(how)
    (tmp_path / "storage.py").write_text(
        "import os\n"
        f"fd = os.open({str(folder / 'copy')!r}, os.O_CREAT | os.O_RDWR)\n"
        "assert os.pwrite(fd, b'%PDF-1.7', 0) == 8\n"
        "os.ftruncate(fd, 8)\n"
    )
    site = ROOT / "tests" / "storm" / "site"
    subprocess.run(
        [sys.executable, "-m", "storage"],
        env={"PYTHONPATH": str(site), "STORM_ARM": str(tmp_path / "arm")},
        cwd=tmp_path,
        check=True,
    )
    content = (folder / "copy").read_bytes()
    assert len(content.rstrip(b"\0")) == left
