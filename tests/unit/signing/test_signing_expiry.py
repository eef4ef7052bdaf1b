from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from chassis.measures import metrics_text
from onebox.certificates import name_of, self_signed
from signing.adapters.keys.expiry import ExpiryWatch
from support.build import NOON

START = NOON.replace(microsecond=0)


def certificate(days):
    key = ec.generate_private_key(ec.SECP256R1())
    return self_signed("a", name_of("a"), key, start=START, days=days).certificate


class Clock:
    now = START

    def __call__(self):
        return self.now


def test_sixty_thirty_and_seven_days_are_said_once_each():
    """Every hour it looks; the log gets one line a threshold, the last an error."""
    clock = Clock()
    watch = ExpiryWatch((("officer", certificate(100)),), clock)
    warnings = []
    for hour in range(24 * 101):
        clock.now = START + timedelta(hours=hour)
        with capture_logs() as logs:
            watch.look()
        warnings += [
            (log["within_days"], log["log_level"], log["days_left"]) for log in logs
        ]
    assert warnings == [(60, "warning", 60), (30, "warning", 30), (7, "error", 7)]


def test_two_certificates_of_one_key_warn_each_for_itself():
    clock = Clock()
    watch = ExpiryWatch(
        (("officer", certificate(5)), ("officer", certificate(700))), clock
    )
    with capture_logs() as logs:
        watch.look()
        watch.look()
    assert [log["key"] for log in logs] == ["officer"]


@pytest.mark.parametrize(
    ("days", "warning"), [(700, -1), (61, -1), (60, 60), (30, 30), (7, 7), (-3, 7)]
)
def test_metrics_show_the_days_left_and_the_warning(days, warning):
    """By key id and the beginning of the certificate's digest: nothing secret."""
    clock = Clock()
    clock.now = START + timedelta(days=700 - days)
    watch = ExpiryWatch((("officer", certificate(700)),), clock)

    left, warned = metrics_text(watch.gauges()).splitlines()
    assert left.startswith('ecopy_signing_certificate_days_left{key="officer",cert')
    assert left.endswith(f"}} {days}")
    assert warned.startswith("ecopy_signing_certificate_warning_days")
    assert warned.endswith(f"}} {warning}")
