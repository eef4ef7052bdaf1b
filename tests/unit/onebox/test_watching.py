"""When a program has been silent for too long."""

from onebox.watching import READY_SECONDS, UNWELL_LIMIT, Strikes


def test_three_silences_in_a_row():
    """An answer between them begins the count anew; another process has its own."""
    strikes = Strikes()
    assert not strikes.out(1, well=True, now=0)
    for well in (False, False, True, False, False):
        assert not strikes.out(1, well=well, now=1)
    assert strikes.out(1, well=False, now=2)
    assert not strikes.out(2, well=False, now=3)


def test_a_slow_start_is_no_silence():
    """Until it has served once it has the time of a start; then it has had it."""
    strikes = Strikes()
    for second in range(int(READY_SECONDS)):
        assert not strikes.out(1, well=False, now=second)
    late = [
        strikes.out(1, well=False, now=READY_SECONDS + n)
        for n in range(1, UNWELL_LIMIT + 1)
    ]
    assert late == [False] * (UNWELL_LIMIT - 1) + [True]
