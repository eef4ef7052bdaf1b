"""After a power cut: each file of set-up in turn is empty, cut in half, or gone.

The house is made as a first start makes it; the files are found by walking, so that a
new one is tried without anybody listing it.
"""

import asyncio
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import nats.errors
import pytest

from chassis.monitor import missing
from chassis.nkey import Nkey
from chassis.provision import ProvisionSettings, provision
from chassis.starting import CannotStart
from ecopy.trust import TrustDocument
from onebox import bus_server, checks, doctor, house, prepare, programs, tending
from onebox.people import people, read_people
from onebox.places import BUS_USERS, SERVICES, Places, Ports, url
from onebox.revocation import Responder, revoke
from onebox.settings import for_child
from onebox.supervisor import Supervisor
from onebox.ward import IDENTITIES
from support.houses import ecopy, six_free_ports

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
PORT = 18522
BASE = f"http://127.0.0.1:{PORT + 5}"
VIETNAMESE = re.compile("[ăâđêôơưạảấầẩậắằặẹếềểệịọốồổộớờởợụủứừửữự]")


def _empty(file):
    file.write_bytes(b"")


def _half(file):
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


DAMAGES = {"empty": _empty, "half": _half, "missing": Path.unlink}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A house that has opened, with one copy in it; nothing of it runs."""
    places = Places(tmp_path_factory.mktemp("made") / "var")
    start(places)
    asyncio.run(house.migrate(places, Ports.starting_at(PORT)))
    revoke(places.pki, "tsa", now=NOW)
    prepare.open_from_now_on(places, NOW)
    (places / "objects/copies/H99").mkdir()
    (places / "objects/copies/H99/copy.pdf").write_bytes(b"%PDF")
    return places


@pytest.fixture(scope="module")
def unopened(made, tmp_path_factory):
    """The same, cut before the first request could be taken."""
    places = Places(tmp_path_factory.mktemp("unopened") / "var")
    shutil.copytree(made.var, places.var)
    places.opened.unlink()
    shutil.rmtree(places / "objects/copies/H99")
    for left in (".incoming/put-1", "self-test/2"):  # provision has been here
        file = places / "objects/copies" / left
        file.parent.mkdir(exist_ok=True)
        file.touch()
    return places


def start(places):
    """What a start reads and writes before it starts the first program."""
    checks.check(places)
    ports = Ports.starting_at(PORT, pki=prepare.pki_port(places))
    prepare.set_up(places, base=url(ports.pki), now=NOW)
    prepare.make_trust(places, {who.role: "0" * 64 for who in IDENTITIES})
    bus_server.write_config(places, ports)


AUTHORITIES = set()
"""What the responder has read in this file: to read the three private keys takes a
quarter of a second, and most damages leave the authority byte for byte the same.
"""


def check_authority(places):
    """The responder reads these very files, here or in an earlier house."""
    files = frozenset((p.name, p.read_bytes()) for p in places.pki.iterdir())
    if files not in AUTHORITIES:
        Responder.load(places.pki)
        AUTHORITIES.add(files)


def check_it_works(places):
    """Each file is read by whoever needs it."""
    check_authority(places)
    assert (places.pki / "base-url").read_text() == BASE
    assert (places.pki / "roots.pem").read_text() == (
        places.pki / "root.pem"
    ).read_text()
    TrustDocument.model_validate_json(places.trust.read_bytes())
    assert len(people(places.demo)) == 3
    for user in BUS_USERS:
        Nkey.parse((places.bus_keys / f"{user}.seed").read_text())


def keys_of(places):
    """Whatever stands behind a copy, a link, an event or an account."""
    found = [
        *places.pki.iterdir(),
        *places.event_keys.glob("*.key"),
        places.link_key,
        places.demo / "people.json",
        *(places / "db").glob("*.db"),
    ]
    return {str(p.relative_to(places.var)): p.read_bytes() for p in found}


def damaged(made, folder):
    """Each file that set-up has made × each damage, in a copy of the house."""
    files = [p for p in made.var.rglob("*") if p.is_file()]
    skipped = ("log/", "objects/", "nats/")
    names = sorted(str(file.relative_to(made.var)) for file in files)
    for name in (n for n in names if not n.startswith(skipped)):
        for kind, damage in DAMAGES.items():
            places = Places(folder / "var")
            shutil.rmtree(places.var, ignore_errors=True)
            shutil.copytree(made.var, places.var)
            damage(places / name)
            yield f"{name} {kind}", places, places / name


def test_an_opened_house_starts_with_its_own_keys_or_names_the_file(made, tmp_path):
    """Never another traceback, never a new key beside the copies that are there."""
    before, ends = keys_of(made), {}
    for what, places, file in damaged(made, tmp_path):
        refused = refusal(places)
        ends[what] = "refused" if refused else "works"
        if refused:
            assert str(file) in refused.vi, what
            assert str(file) in refused.en, what
            assert VIETNAMESE.search(refused.vi), what
            assert len(refused.en.splitlines()) == 1, what
            continue
        after = keys_of(places)
        assert after.items() <= before.items(), what
        # Missing, it would say that nothing was ever revoked: no start can see that.
        assert before.keys() - after.keys() <= {"pki/revoked.json"}, what
        check_it_works(places)
    assert len(ends) > 90
    for name in (
        "pki/issuing.key",
        "keys/link.key",
        "demo/people.json",
        "db/intake.db",
    ):
        assert {ends[f"{name} {kind}"] for kind in DAMAGES} == {"refused"}, name
    for name in ("pki/base-url", "trust.json", "keys/events/public.json", "opened"):
        assert {ends[f"{name} {kind}"] for kind in DAMAGES} == {"works"}, name


def refusal(places):
    try:
        start(places)
    except CannotStart as error:
        return error
    return None


def test_an_unopened_house_begins_anew(unopened, tmp_path):
    """Before the first request nothing depends on a key: what is half made is cleared,
    and only that; whatever is left is whole.
    """
    for what, places, file in damaged(unopened, tmp_path):
        checks.check(places)
        if (places.demo / "people.json").exists():
            assert read_people(places.demo / "people.json"), what
        assert places.pki.exists() or file.parent == places.pki, what
        if places.pki == file.parent and places.pki.exists():
            check_authority(places)
        assert file.parent != places / "db" or not file.exists(), what
        if places.event_keys.exists():
            assert len(list(places.event_keys.glob("*.key"))) == len(SERVICES), what


@pytest.mark.parametrize(
    "name", ["pki/officer.p12", "keys/link.key", "keys/events/intake.key"]
)
def test_and_works_then(unopened, tmp_path, capsys, name):
    """All of it in one start, and a person is told."""
    places = Places(tmp_path / "var")
    shutil.copytree(unopened.var, places.var)
    _half(places / name)
    start(places)
    check_it_works(places)
    assert "The first start was cut short" in capsys.readouterr().out


def test_cut_amid_the_two_renames_of_a_renewal(made, tmp_path):
    """The old folder is under its own name again, with all that was in it."""
    places = Places(tmp_path / "var")
    shutil.copytree(made.var, places.var)
    places.pki.rename(places / "pki.old")
    start(places)
    assert keys_of(places) == keys_of(made)


def test_a_house_of_an_earlier_version_counts_as_opened(made, tmp_path):
    """Without the mark, what it has stored or the accounts it has made say so."""
    for kept in ("objects", "demo/people-added"):
        places = Places(tmp_path / kept.replace("/", "-"))
        shutil.copytree(made.var, places.var)
        places.opened.unlink()
        (places.demo / "people-added").touch()
        for gone in {"objects", "demo/people-added"} - {kept}:
            path = places / gone
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        places.link_key.unlink()
        with pytest.raises(CannotStart, match="link"):
            start(places)


@pytest.mark.parametrize("damage", DAMAGES.values())
def test_doctor_names_what_is_not_whole(made, tmp_path, damage):
    """A line for the key, none of them a traceback."""
    places = Places(tmp_path / "var")
    shutil.copytree(made.var, places.var)
    for name in ("pki/officer.pem", "pki/base-url", "keys/link.key"):
        damage(places / name)
    lines = [f.text for f in doctor.examine(places, PORT, now=NOW) if not f.good]
    assert any(str(places.link_key) in line for line in lines)
    assert any("certificate officer" in line for line in lines)


@pytest.mark.parametrize("name", ["pki/officer.p12", "demo/people.json"])
def test_said_in_one_sentence_by_the_program(made, tmp_path, name):
    """``ecopy up --demo``: exit status 1, both languages, no traceback."""
    places = Places(tmp_path / "var")
    shutil.copytree(made.var, places.var)
    _empty(places / name)
    done = subprocess.run(
        [*ecopy(places.var, six_free_ports()), "up", "--demo"],
        env=for_child({}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert f"{places / name} is empty" in done.stderr
    assert f"Tệp {places / name} trống không" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2


async def test_a_bus_whose_folder_is_not_whole(tmp_path):
    """Each kind of file of the stream's store: the bus comes up and has everything
    again, or a sentence names the step that did not succeed.
    """
    places, ports = Places(tmp_path / "var"), Ports.starting_at(six_free_ports())
    prepare.make_keys(places)
    assert await _bus_comes_up(places, ports) is None
    shutil.copytree(places / "nats", tmp_path / "whole")
    tried, ends = set(), set()
    for file in sorted(p for p in (tmp_path / "whole").rglob("*") if p.is_file()):
        kind = (file.parent.parent.name, file.name)  # the consumers are alike
        if kind in tried:
            continue
        tried.add(kind)
        for damage in DAMAGES.values():
            shutil.rmtree(places / "nats")
            shutil.copytree(tmp_path / "whole", places / "nats")
            damage(places / "nats" / file.relative_to(tmp_path / "whole"))
            refused = await _bus_comes_up(places, ports)
            assert refused is None or str(places / "nats") in refused.vi, file
            ends.add(refused is None)
    assert len(tried) >= 6
    assert ends == {True, False}


def test_an_unopened_house_has_no_events(unopened, tmp_path):
    """Its bus's folder may be half-written too, and holds nothing yet: it goes."""
    places = Places(tmp_path / "var")
    shutil.copytree(unopened.var, places.var)
    (places / "nats" / "jetstream").mkdir(parents=True)
    (places / "nats" / "jetstream" / "half").touch()
    start(places)
    assert list((places / "nats").iterdir()) == []


async def _bus_comes_up(places, ports):
    supervisor = Supervisor(places, back_off=(0.1,))
    try:
        await supervisor.start(programs.nats(places, ports))
        await tending.bus_ready(supervisor, places, ports, patience=1.0)
        await _provision(places, ports)
        assert await asyncio.to_thread(missing, url(ports.nats_monitor)) == []
    except CannotStart as error:
        return error
    finally:
        await supervisor.stop()
    return None


async def _provision(places, ports):
    """Without a process, which would take most of the time; the house's own step says
    what has failed.
    """
    environment = programs.provision(places, ports)
    settings = ProvisionSettings(
        nats_url=environment["PROVISION__NATS_URL"],
        nats_monitor=environment["PROVISION__NATS_MONITOR"],
        nats_user_file=environment["PROVISION__NATS_USER_FILE"],
        stream_max_bytes=environment["PROVISION__STREAM_MAX_BYTES"],
    )
    try:
        await provision(settings)
    except nats.errors.Error:
        await tending.provision(places, ports)
