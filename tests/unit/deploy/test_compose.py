"""compose.yaml, read as a drawing: who can reach whom, and what each is given."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import yaml

from chassis import tesseract
from chassis.nkey import Nkey
from chassis.settings import ConnectionSettings
from contract.env_example import names
from ecopy.topology import (
    CONSUMERS,
    DEAD,
    DEAD_STREAM,
    HEAR_ORDERS,
    HEAR_VOIDS,
    INBOX,
    MARK_PUBLISHERS,
    MARKS_STREAM,
    PUBLISHERS,
    STREAM,
)
from onebox.compose import secret_checks
from signing.settings import TsaSettings
from support.settings import REQUIRED, found

ROOT = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
READERS = ("intake", "storage")
"""Who reads strangers' files."""
ACCOUNTS = ["KILL", "SETGID", "SETUID"]
SERVICES = COMPOSE["services"]
WATCHERS = {"prometheus", "grafana"}
OURS = ("intake", "signing", "storage", "provision")
ENTRY = (ROOT / "deploy/docker/entry/service").read_text()
TEMPLATE = re.compile(r"\$\{([A-Z_]+)")


def _networks(service):
    return set(SERVICES[service]["networks"])


def test_all_the_named_services_are_there():
    """The eight rooms of the house, and the two that watch them."""
    rooms = {"nats", "postgres", "versitygw", "caddy", *OURS, *WATCHERS}
    assert {
        s for s in SERVICES if SERVICES[s].get("profiles") == ["observe"]
    } == WATCHERS
    assert set(SERVICES) == rooms


def test_signing_meets_neither_face():
    """No network of caddy's, or of a face's outside, leads to signing."""
    assert not _networks("signing") & _networks("caddy")
    assert "ports" not in SERVICES["signing"]
    own = SERVICES["signing"]["environment"]
    (watched,) = COMPOSE["networks"]["watch-signing"]["ipam"]["config"]
    assert own["ECOPY_WATCH_SUBNET"] == watched["subnet"]
    assert "ECOPY_FACE_SUBNET" not in own


def test_only_caddy_and_signing_reach_out():
    """Every network but the two edges and signing's way to its TSA is internal."""
    outward = {
        name
        for name, network in COMPOSE["networks"].items()
        if not (network or {}).get("internal")
    }
    assert outward == {"edge", "tsa", "charts-edge"}
    assert {s for s in SERVICES if "charts-edge" in _networks(s)} == {"grafana"}
    assert {s for s in SERVICES if "edge" in _networks(s)} == {"caddy"}
    assert {s for s in SERVICES if "tsa" in _networks(s)} == {"signing"}


@pytest.mark.parametrize(
    ("service", "network"), [("intake", "desk"), ("storage", "public")]
)
def test_a_face_believes_the_network_that_it_shares_with_caddy(service, network):
    """And no other, and it answers nowhere else: a private range also holds the
    machines of staff and citizens.
    """
    own = SERVICES[service]["environment"]
    believed = own[f"{service.upper()}__TRUSTED_PROXIES"]
    (config,) = COMPOSE["networks"][network]["ipam"]["config"]
    assert json.loads(believed) == [config["subnet"]]
    assert own["ECOPY_FACE_SUBNET"] == config["subnet"]
    assert SERVICES[service]["healthcheck"]["test"][-1] == config["subnet"]
    inside = {name for name in SERVICES if network in _networks(name)}
    assert inside == {"caddy", service}


def test_only_caddy_and_grafana_publish_ports():
    """And on loopback, unless the operator says otherwise."""
    published = [s for s, settings in SERVICES.items() if "ports" in settings]
    assert published == ["caddy", "grafana"]
    for port in (p for s in published for p in SERVICES[s]["ports"]):
        assert re.match(r"\$\{ECOPY_\w+_ADDRESS:-127\.0\.0\.1\}:", port)


def test_what_an_operator_lays_out_is_never_made_by_docker():
    """A missing file is named at once; as an empty folder made by root it would be
    found much later, by a service that cannot read it.
    """
    laid_out = re.compile(r"\$\{ECOPY_(CONFIG|SECRETS)\b")
    found = [
        mount
        for settings in SERVICES.values()
        for mount in settings.get("volumes", ())
        if laid_out.search(mount if isinstance(mount, str) else mount["source"])
    ]
    assert len(found) == 6
    for mount in found:
        assert mount["bind"] == {"create_host_path": False}, mount
        assert mount["read_only"] is True


@pytest.mark.parametrize("service", SERVICES)
def test_every_room_is_hardened(service):
    """Read-only root, no capability beside those that are explained, no new privilege,
    limits.
    """
    settings = SERVICES[service]
    assert settings["read_only"] is True
    assert settings["cap_drop"] == ["ALL"]
    assert settings["security_opt"] == ["no-new-privileges:true"]
    assert settings["pids_limit"] > 0
    assert settings["mem_limit"]
    assert settings["ulimits"]["core"] == 0
    assert not settings.get("privileged")
    added = {"caddy": ["NET_BIND_SERVICE"], **dict.fromkeys(READERS, ACCOUNTS)}
    assert settings.get("cap_add", []) == added.get(service, [])


@pytest.mark.parametrize("service", ["intake", "storage"])
def test_a_face_has_descriptors_for_every_connection_it_takes(service):
    """It takes no more than half of its descriptors as connections; the proxy in front
    has two for each of them, and many more for clients that are idle."""
    at_once = ConnectionSettings().at_once
    assert SERVICES[service]["ulimits"]["nofile"]["soft"] >= 2 * at_once
    assert SERVICES["caddy"]["ulimits"]["nofile"]["soft"] >= 20 * at_once


def test_the_proxy_has_the_deadlines_that_the_services_have():
    """Half headers and idle connections end as soon in front as behind, and headers are
    smaller than what a service refuses; bodies have some end."""
    text = (ROOT / "deploy/caddy/Caddyfile").read_text()
    block = re.search(r"servers \{(.*?)\n\t\}", text, re.DOTALL)
    assert block
    timeouts = dict(
        re.findall(r"(read_\w+|write|idle|max_header_size) (\w+)", block[1])
    )
    limits = ConnectionSettings()
    assert timeouts["read_header"] == f"{limits.header_seconds:.0f}s"
    assert timeouts["idle"] == f"{limits.idle_seconds}s"
    assert timeouts["max_header_size"] == "32KB"
    assert timeouts["read_body"] == timeouts["write"] == "1h"


@pytest.mark.parametrize("service", SERVICES)
def test_images_are_pinned(service):
    """A tag that names a version, or one that this repository builds."""
    name, _, tag = SERVICES[service]["image"].partition(":")
    if service in OURS:
        assert (name, tag) == (f"ecopy-{service}", "local")
        assert SERVICES[service]["build"]["target"] == service
    else:
        assert re.search(r"\d", tag), f"{name}:{tag}"


def test_the_dockerfile_has_a_target_per_service_and_pulls_nothing_else():
    """No ``# syntax=`` line, every base pinned, and no apt but where print is read."""
    text = (ROOT / "deploy/docker/Dockerfile").read_text()
    assert "syntax=" not in text
    pulling = [stage for stage in text.split("\nFROM ") if "apt-get" in stage]
    assert [stage.split("\n")[0] for stage in pulling] == ["intake AS intake-ocr"]
    assert "FROM intake-ocr" not in text
    bases = re.findall(r"^FROM (\S+) AS (\S+)$", text, re.MULTILINE)
    stages = {name for _, name in bases}
    assert set(OURS) <= stages
    assert {b for b, _ in bases if b not in stages} == {"python:3.13-slim-trixie"}
    assert text.count("--require-hashes") == text.count("pip install") > 0
    assert text.count(" && slim\n") == text.count("pip install")


def test_the_intake_that_reads_print_differs_by_its_image_alone():
    """The engine's two packages, and the account of every service again."""
    more = yaml.safe_load((ROOT / "deploy/docker/ocr.yaml").read_text())
    own = {"image": "ecopy-intake-ocr:local", "build": {"target": "intake-ocr"}}
    assert more == {"services": {"intake": own}}
    text = (ROOT / "deploy/docker/Dockerfile").read_text()
    stage = text.partition("FROM intake AS intake-ocr\n")[2].partition("\nFROM ")[0]
    assert all(f" {package}" in stage for package in tesseract.PACKAGES)
    assert re.findall(r"^USER (\S+)$", stage, re.MULTILINE) == ["0:0", "10001:10001"]


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_stands_in_an_environment(service):
    """Passwords, seeds and keys are files; a variable may only name the file."""
    for name, value in SERVICES[service].get("environment", {}).items():
        if re.search("PASSWORD|SECRET|SEED|KEY", name):
            a_file = name.endswith("_FILE") and str(value).startswith(
                ("/run/secrets/", "/keys/")
            )
            assert a_file or name in ("ROOT_ACCESS_KEY", "STORAGE__ARCHIVE__ACCESS_KEY")


def test_secrets_are_those_that_make_secrets_makes(tmp_path):
    """Every secret is a file that the script makes, readable, in a closed folder, and
    one that the doctor looks at; asked again the script changes nothing.
    """
    script, folder = ROOT / "deploy/docker/make_secrets.py", tmp_path / "secrets"
    runs = []
    for _ in range(2):
        subprocess.run([sys.executable, script, folder], check=True)
        runs.append({p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()})
    files = [folder / name for name in runs[0]]
    assert runs[0] == runs[1]
    assert set(COMPOSE["secrets"]) == set(runs[0])
    looked_at = (secret_checks.RANDOM, secret_checks.SEEDS, secret_checks.DERIVED)
    assert set().union(*looked_at) == set(runs[0])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in files} == {0o444}


def test_secrets_are_made_without_python_on_the_server(tmp_path):
    """Where the project's environment is missing the script runs in provision's image:
    as whoever calls, on the folder alone, with no network and nothing pulled."""
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    docker.chmod(0o755)
    done = subprocess.run(
        [ROOT / "deploy/docker/make-secrets", tmp_path / "secrets"],
        env={"PATH": f"{tmp_path}:{os.defpath}", "PYTHON": "/nowhere"},
        check=True,
        capture_output=True,
        text=True,
    )
    words, folder = done.stdout.split(), str(tmp_path / "secrets")
    script = words[-2]
    assert words[:2] == ["run", "--rm"]
    assert words[words.index("--volume") + 1] == f"{folder}:{folder}"
    assert words[words.index("--network") + 1] == "none"
    assert words[words.index("--pull") + 1] == "never"
    assert words[-4:] == ["ecopy-provision:local", "python", script, folder]
    text = (ROOT / "deploy/docker/Dockerfile").read_text()
    assert f"COPY {script.removeprefix('/app/')} deploy/docker/" in text
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_the_bus_believes_the_seeds_that_make_secrets_makes(tmp_path):
    """The public nkeys given to the bus are those of the services' seeds."""
    script = ROOT / "deploy/docker/make_secrets.py"
    subprocess.run([sys.executable, script, tmp_path / "s"], check=True)
    keys = dict(
        line.split(": ") for line in (tmp_path / "s/bus_users").read_text().splitlines()
    )
    for service in OURS:
        seed = (tmp_path / f"s/{service}_bus_seed").read_text()
        assert Nkey.parse(seed).public == keys[service.upper()]


def _given(service):
    """Settings of *service* that compose.yaml or the entry script gives."""
    prefix = service.upper() + "__"
    names_set = {n for n in SERVICES[service]["environment"] if n.startswith(prefix)}
    return (
        names_set
        | set(re.findall(rf"\b({prefix}\w+)=", ENTRY))
        | set(re.findall(rf"read -r ({prefix}\w+)", ENTRY))
    )


@pytest.mark.parametrize("service", OURS)
def test_every_given_name_is_a_setting(service):
    """A typo in compose.yaml would be silence: each name is one that the class has."""
    assert _given(service) <= {each.name for each in names(service)}
    others = {n for n in SERVICES[service]["environment"] if "__" in n}
    assert all(n.startswith(service.upper() + "__") for n in others)


@pytest.mark.parametrize("service", OURS)
def test_every_setting_that_must_be_set_is_given(service):
    """What has no default comes from compose.yaml, from a secret, or is the
    operator's to name: the timestamp authorities."""
    without = [each for each in names(service) if each.default is None]
    must = {each.name for each in without if not each.optional}
    assert must <= _given(service)


def test_the_timestamp_authority_is_asked_for_before_anything_starts():
    """It is the operator's to name: compose ends with what to do, and the example shows
    how, without a value that would be taken for one."""
    given = SERVICES["signing"]["environment"]["SIGNING__TSA__URLS"]
    assert re.fullmatch(r"\$\{SIGNING__TSA__URLS:\?[^}]+\.env[^}]+\}", given)
    example = (ROOT / ".env.example").read_text()
    (shown,) = re.findall(r"^#   SIGNING__TSA__URLS=(.+)$", example, re.MULTILINE)
    assert TsaSettings(urls=json.loads(shown)).urls
    assert "\nSIGNING__TSA__URLS=\n" in example


def test_the_example_answers_what_compose_asks():
    """Every ${VARIABLE} of compose.yaml is in .env.example, and no other."""
    text = (ROOT / "compose.yaml").read_text()
    example = (ROOT / ".env.example").read_text()
    assert set(TEMPLATE.findall(text)) == set(
        re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)
    )


def test_buckets_are_writable_by_their_owner_only():
    """Who reads another's bucket has it read-only."""
    mounts = {
        (service, mount)
        for service in OURS
        for mount in SERVICES[service]["volumes"]
        if "/objects/" in str(mount)
    }
    assert mounts == {
        ("provision", "scans:/objects/scans:ro"),
        ("provision", "copies:/objects/copies:ro"),
        ("intake", "scans:/objects/scans"),
        ("signing", "scans:/objects/scans:ro"),
        ("signing", "copies:/objects/copies"),
        ("storage", "copies:/objects/copies:ro"),
    }


def _may_say():
    """User → subjects it may publish, as nats.conf has it."""
    text = (ROOT / "deploy/nats/nats.conf").read_text()
    users = re.findall(r"nkey: \$(\w+).*?publish: \[(.*?)\]", text, re.DOTALL)
    return {
        name.lower(): set(re.findall(r'"([^"]+)"', subjects))
        for name, subjects in users
    }


@pytest.mark.parametrize("service", ["intake", "signing", "storage"])
def test_the_bus_lets_a_service_say_exactly_what_the_topology_names(service):
    """Its own events and marks, its own consumers, its own dead letters; of the marks,
    intake reads the last one of each service; it shows all dead letters, and may hand
    each to its consumer again, and asks how much lies there for those who hear it.
    """
    durables = [c.durable for c in CONSUMERS if c.durable.startswith(service)]
    said = (PUBLISHERS | MARK_PUBLISHERS).items()
    expected = {subject for subject, who in said if service in who}
    read = f"$JS.API.DIRECT.GET.{MARKS_STREAM}"
    expected |= {f"{read}.{subject}" for subject in MARK_PUBLISHERS}
    for durable in durables:
        expected |= {
            f"{DEAD}.{durable}",
            f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{durable}",
            f"$JS.API.CONSUMER.INFO.{STREAM}.{durable}",
            f"$JS.ACK.{STREAM}.{durable}.>",
        }
    if service == "intake":
        expected |= {
            f"$JS.API.CONSUMER.INFO.{STREAM}.{reader.durable}"
            for reader in (*HEAR_ORDERS, *HEAR_VOIDS)
        }
        expected |= {f"$JS.API.STREAM.MSG.GET.{DEAD_STREAM}"}
        expected |= {f"ecopy.replay.{c.durable}" for c in CONSUMERS}
    assert _may_say()[service] == expected


@pytest.mark.parametrize("user", ["intake", "signing", "storage", "provision"])
def test_the_bus_lets_a_user_hear_its_own_answers_only(user):
    """One inbox each: under a common one everybody would hear what others are sent."""
    text = (ROOT / "deploy/nats/nats.conf").read_text()
    users = re.findall(r"nkey: \$(\w+).*?subscribe: \[(.*?)\]", text, re.DOTALL)
    may_hear = {name.lower(): subjects for name, subjects in users}
    assert may_hear[user] == f'"{INBOX}.{user}.>"'


def test_every_service_runs_as_nobody_special():
    """The image's user is 10001; provision is root, without a capability, and who reads
    strangers' files is so until its entry has become 10001.
    """
    text = (ROOT / "deploy/docker/Dockerfile").read_text()
    assert "USER 10001:10001" in text
    assert {s for s in OURS if "user" in SERVICES[s]} == {"provision", *READERS}


def test_the_entry_leaves_root_before_it_reads_anything():
    """As the image's account, with the three rights that compose adds and no others, in
    no group of root's.
    """
    if os.getuid():
        pytest.skip("only root can leave root")
    entry = (ROOT / "deploy/docker/entry/service").read_text()
    head, _, _ = entry.partition("name=$1\n")
    with tempfile.TemporaryDirectory() as folder:
        look = Path(folder) / "look"
        look.write_text(head + "cat /proc/self/status\n")
        for path in (look, Path(folder)):
            path.chmod(0o755)
        done = subprocess.run([look, "intake"], check=True, stdout=subprocess.PIPE)
    found = dict(line.split(":", 1) for line in done.stdout.decode().splitlines())
    assert found["Uid"].split() == found["Gid"].split() == 4 * ["10001"]
    assert found["Groups"].split() == []
    rights = f"{1 << 5 | 1 << 6 | 1 << 7:016x}"
    assert [found[name].strip() for name in ("CapPrm", "CapEff", "CapAmb")] == [
        *3 * (rights,)
    ]


def test_docker_compose_takes_the_file():
    """``docker compose config`` is clean: nothing on standard error."""
    docker = found("docker")
    plugin = subprocess.run(
        [docker, "compose", "version"], check=False, capture_output=True
    )
    if plugin.returncode and not REQUIRED:
        pytest.skip("the docker compose plugin was not found")
    done = subprocess.run(
        [docker, "compose", "--project-directory", ROOT, "config", "-q"],
        env=os.environ | {"SIGNING__TSA__URLS": '["http://tsa.example/"]'},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
