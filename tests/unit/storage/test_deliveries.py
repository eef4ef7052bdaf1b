"""Parts of a file that reached somebody, put together."""

import random

from storage.domain.deliveries import MAX_PARTS, RESUMED_BYTES, ArrivedPart, Deliveries

SIZE = 10 * RESUMED_BYTES


def test_a_whole_file_is_whole_each_time():
    """Once for each time, and nothing stays behind."""
    deliveries = Deliveries()
    for _ in range(2):
        assert deliveries.add("a", SIZE, ArrivedPart(0, SIZE))
    assert not deliveries.add("a", SIZE, ArrivedPart(0, 1))


def test_parts_in_any_order_become_whole_with_the_last():
    """Also when they overlap; each reader has their own."""
    chance = random.Random(5)
    for _ in range(200):
        edges = sorted(chance.sample(range(1, SIZE), chance.randrange(1, 9)))
        parts = [
            ArrivedPart(max(0, first - chance.randrange(9)), end)
            for first, end in zip([0, *edges], [*edges, SIZE], strict=True)
        ]
        chance.shuffle(parts)
        deliveries = Deliveries()
        complete = [deliveries.add("a", SIZE, part) for part in parts]
        assert complete == [False] * (len(parts) - 1) + [True]
        assert not any(deliveries.add(str(p), SIZE, p) for p in parts)


def test_a_broken_part_counts_as_far_as_the_client_goes_on():
    """It asks on from what it has, shortly before or behind where we saw it break."""
    for at in (SIZE // 2 - 5, SIZE // 2, SIZE // 2 + RESUMED_BYTES):
        deliveries = Deliveries()
        assert not deliveries.add("a", SIZE, ArrivedPart(0, SIZE // 2, broken=True))
        assert deliveries.add("a", SIZE, ArrivedPart(at, SIZE))
    far = Deliveries()
    far.add("a", SIZE, ArrivedPart(0, SIZE // 2, broken=True))
    assert not far.add("a", SIZE, ArrivedPart(SIZE // 2 + RESUMED_BYTES + 1, SIZE))


def test_a_download_may_break_more_than_once():
    """Three pieces, each resumed."""
    deliveries = Deliveries()
    assert not deliveries.add("a", SIZE, ArrivedPart(0, 50, broken=True))
    assert not deliveries.add("a", SIZE, ArrivedPart(40, 90, broken=True))
    assert deliveries.add("a", SIZE, ArrivedPart(90, SIZE))


def test_a_probe_is_nothing():
    """The first byte, the last byte, and a broken whole without an end."""
    deliveries = Deliveries()
    for part in (
        ArrivedPart(0, 1),
        ArrivedPart(SIZE - 1, SIZE),
        ArrivedPart(0, SIZE, broken=True),
    ):
        assert not deliveries.add("a", SIZE, part)


def test_memory_is_bounded():
    """Many readers, and one with very many parts."""
    deliveries = Deliveries(keys=10)
    for number in range(100):
        deliveries.add(str(number), SIZE, ArrivedPart(0, 1))
    for number in range(3 * MAX_PARTS):
        deliveries.add("a", SIZE, ArrivedPart(2 * number, 2 * number + 1))
    assert deliveries.add("a", SIZE, ArrivedPart(0, SIZE))
