"""What Prometheus' own tools say of our measures, alert rules and their tests."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest
import yaml

from chassis.measures import DeliveryCounts, Latency, metrics_text, reconciled
from ecopy.reckoning import Counter
from support.settings import found

ROOT: Final = Path(__file__).parents[2]
OBSERVE: Final = ROOT / "deploy/observe"
RULES: Final = yaml.safe_load((OBSERVE / "rules.yml").read_text())
ALERTS: Final = {rule["alert"]: rule for g in RULES["groups"] for rule in g["rules"]}
TROUBLE: Final = {
    "ServiceDown": {'up{job="intake"}': "0x60"},
    "PartAway": {'ecopy_up{service="intake",part="bus"}': "0x60"},
    "OutboxOld": {'ecopy_outbox_oldest_seconds{service="intake"}': "0+60x60"},
    "CopyNotMade": {'ecopy_waiting_oldest_seconds{state="registered"}': "0+60x60"},
    "SealWaits": {'ecopy_waiting_oldest_seconds{state="toseal"}': "14000+60x60"},
    "DeadLetters": {"ecopy_dead_letters_new": "2x60"},
    "RetriesAgainAndAgain": {
        'ecopy_deliveries_total{consumer="c",outcome="retried"}': "0+5x60"
    },
    "QueueGrows": {'ecopy_queue_waiting{consumer="c"}': "0+50x60"},
    "TimestampsAway": {'ecopy_signing_tsa_breaker_state{tsa="a"}': "2x60"},
    "TimestampsSlow": {
        'ecopy_signing_tsa_seconds_bucket{tsa="a",le="5"}': "0x60",
        'ecopy_signing_tsa_seconds_bucket{tsa="a",le="10"}': "0+10x60",
        'ecopy_signing_tsa_seconds_bucket{tsa="a",le="+Inf"}': "0+10x60",
    },
    "TimestampsSpent": {'ecopy_signing_tsa_budget_left{tsa="a"}': "3x60"},
    "RevocationAway": {'ecopy_signing_revocation_breaker_state{url="r"}': "2x60"},
    "CertificateEndsSoon": {'ecopy_signing_certificate_days_left{key="o"}': "20x60"},
    "CertificateEnds": {'ecopy_signing_certificate_days_left{key="o"}': "3x60"},
    "DiskFull": {
        'ecopy_disk_free_bytes{service="intake",place="scans"}': "5x60",
        'ecopy_disk_bytes{service="intake",place="scans"}': "100x60",
    },
    "BooksDoNotAgree": {'ecopy_reconcile{service="intake",counter="gap"}': "1x60"},
}


def _promtool(*words, given=None):
    done = subprocess.run(
        [found("promtool"), *map(str, words)],
        check=False,
        capture_output=True,
        text=True,
        input=given,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_page_is_read_by_prometheus():
    """Every form of line that we write: counters, gauges, a histogram, odd labels."""
    deliveries, latency = DeliveryCounts(), Latency()
    deliveries.add("signing-ordered", "handled", 0.3)
    latency.add(1.5)
    page = metrics_text(
        [
            *deliveries.measures(),
            *latency.measures("ecopy_signing_tsa_seconds", 'tsa="http://a/\\"x"'),
            *reconciled("intake", dict.fromkeys(Counter, 0)),
        ]
    )
    status, said = _promtool("check", "metrics", given=page)
    # Help texts are the one thing that it misses: the page has none.
    other = [line for line in said.splitlines() if "no help text" not in line]
    assert not other, said
    assert status in {0, 3}


def test_the_rules_and_the_configuration_are_valid():
    status, said = _promtool("check", "rules", OBSERVE / "rules.yml")
    assert status == 0, said
    # The configuration names the rules where Prometheus' room has them.
    text = (OBSERVE / "prometheus.yml").read_text()
    assert "rule_files: [/etc/prometheus/rules.yml]" in text


def test_a_house_that_is_well_is_quiet():
    """Also one whose second authority rests, and with papers that wait for people."""
    status, said = _promtool("test", "rules", OBSERVE / "rules_test.yml")
    assert status == 0, said


def test_every_alert_is_tried_and_has_its_runbook():
    """Each has a trouble below, is quiet in the healthy house, and names a heading."""
    assert set(TROUBLE) == set(ALERTS)
    quiet = yaml.safe_load((OBSERVE / "rules_test.yml").read_text())["tests"][0]
    assert {each["alertname"] for each in quiet["alert_rule_test"]} == set(ALERTS)
    text = (ROOT / "docs/operations.md").read_text()
    headings = set(re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    for alert, rule in ALERTS.items():
        assert rule["annotations"]["runbook"] in headings, alert


@pytest.mark.parametrize("alert", TROUBLE)
def test_an_alert_fires_at_its_trouble(alert, tmp_path):
    """And not before the time that it waits."""
    status, said = _tried(alert, tmp_path, 50)
    assert "got:[]" not in said.replace(" ", ""), said
    assert status == 1  # it expects nothing, so an alert that fires is a difference
    assert alert in said
    status, said = _tried(alert, tmp_path, 0)
    assert status == (1 if "for" not in ALERTS[alert] else 0), said


def _tried(alert, folder, minute):
    """promtool's word on a house with that trouble in which nothing is expected."""
    shutil.copy(OBSERVE / "rules.yml", folder)
    series = [{"series": s, "values": v} for s, v in TROUBLE[alert].items()]
    tested = {
        "interval": "1m",
        "input_series": series,
        "alert_rule_test": [{"eval_time": f"{minute}m", "alertname": alert}],
    }
    file = folder / "test.yml"
    content = {"rule_files": ["rules.yml"], "evaluation_interval": "1m"}
    file.write_text(yaml.safe_dump(content | {"tests": [tested]}))
    return _promtool("test", "rules", file)


def test_what_the_rules_and_the_charts_ask_is_measured():
    """Each name in a rule or a chart is one that the source writes."""
    source = "".join(
        path.read_text("utf-8")
        for root in ("libs", "services")
        for path in (ROOT / root).rglob("*.py")
    )
    source += '"ecopy_signing_tsa" "ecopy_signing_revocation"'
    texts = [str(rule["expr"]) for rule in ALERTS.values()]
    texts += [p.read_text() for p in (OBSERVE / "grafana").rglob("*.json")]
    asked = set(re.findall(r"\becopy_\w+", " ".join(texts)))
    assert len(asked) > 12
    endings = r"_(bucket|count|sum|seconds|total|breaker_state|budget_left|requests)$"
    for name in asked:
        stem = name
        while stem not in source and re.search(endings, stem):
            stem = re.sub(endings, "", stem)
        assert stem in source, name
