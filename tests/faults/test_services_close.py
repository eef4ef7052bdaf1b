"""Whoever opens closes, also when a task fails or the next thing cannot be opened."""

import asyncio
import json
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from chassis import process
from chassis.migration import migrate
from chassis.provision import ProvisionSettings, provision
from chassis.settings import BindSettings, DatabaseSettings, NatsSettings
from chassis.settings import ObjectsSettings as Bucket
from chassis.starting import CannotStart
from signing import console as signing_console
from signing import wiring as signing
from signing.settings import Settings as SigningSettings
from signing.settings import TsaSettings
from storage import console as storage_console
from storage import wiring as storage
from storage.settings import Settings as StorageSettings
from support import servers
from support.authority import authority
from support.closing import open_resources
from support.forging.copy import PINS, good
from support.forging.pki import trust_document
from support.storage import TOKEN
from support.waiting import until

SEEDS = {name: bytes([n]) * 32 for n, name in enumerate(("signing", "storage"))}

PUBLIC = {
    name: Ed25519PrivateKey.from_private_bytes(seed)
    .public_key()
    .public_bytes_raw()
    .hex()
    for name, seed in SEEDS.items()
}


class BrokenTaskError(Exception):
    """What one of the service's tasks ends with."""


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    with authority(tmp_path_factory.mktemp("authority")) as served:
        yield served


@pytest.fixture
async def nats(tmp_path_factory):
    """A bus of its own: whatever others do there changes nobody's handles."""
    with servers.nats_server(tmp_path_factory.mktemp("nats")) as server:
        provisioning = ProvisionSettings(
            nats_url=server.url, nats_monitor=server.monitor
        )
        await provision(provisioning)
        yield server


@pytest.fixture
def common(tmp_path, nats):
    def settings(service):
        key, keys = tmp_path / f"{service}.key", tmp_path / "public.json"
        key.write_text(SEEDS[service].hex())
        keys.write_text(json.dumps(PUBLIC))
        url = SecretStr(f"sqlite:///{tmp_path}/{service}.db")
        return {
            "database": DatabaseSettings(url=url),
            "nats": NatsSettings(
                url=nats.url, signing_key_file=key, public_keys_file=keys
            ),
            "copies": Bucket(url=f"file:{tmp_path}/copies"),
            "trust_file": tmp_path / "trust.json",
            "bind": BindSettings(port=servers.free_port()),
            "demo": True,
        }

    return settings


@pytest.fixture
def signing_settings(tmp_path, common, pki):
    (tmp_path / "trust.json").write_text(pki.trust.model_dump_json())
    return SigningSettings(
        scans=Bucket(url=f"file:{tmp_path}/scans"),
        keys_file=pki.keys_file,
        tsa=TsaSettings(urls=(pki.tsa_url,)),
        **common("signing"),
    )


@pytest.fixture
def storage_settings(tmp_path, common):
    made = good(link_token_sha256=sha256(TOKEN.encode()).hexdigest())
    trust = trust_document(made.pki, PINS).model_copy(update={"demo": True})
    (tmp_path / "trust.json").write_text(trust.model_dump_json())
    return StorageSettings(
        archive=Bucket(url=f"file:{tmp_path}/archive"),
        public_host="https://hoaban.example",
        **common("storage"),
    )


async def ended_by_a_broken_task(assembled, ready):
    """Run the service as ``process.run`` does; one more task breaks once it serves."""

    async def broken(_stop):
        await until(ready)
        raise BrokenTaskError

    async def run():
        async with assembled as tasks:
            await process.side_by_side([*tasks, broken], asyncio.Event())

    with pytest.raises(ExceptionGroup) as caught:
        await run()
    assert caught.group_contains(BrokenTaskError)


async def test_signing_closes_what_it_opened(tmp_path, signing_settings):
    """Database, bus, threads for keys and for revocation, the one endpoint."""
    signing_console.migrate(signing_settings)
    before, during = open_resources(tmp_path), set()

    async def ready():
        during.update(open_resources(tmp_path) - before)
        return await _answers(signing_settings.bind.port)

    await ended_by_a_broken_task(signing.assemble(signing_settings), ready)
    assert any(name.startswith("thread writer ") for name in during)
    assert any(str(tmp_path / "signing.db") in name for name in during)
    assert open_resources(tmp_path) - before == set()


async def test_signing_closes_what_it_opened_before_it_could_not_start(
    tmp_path, signing_settings
):
    """The keys file is read after the database was opened."""
    signing_console.migrate(signing_settings)
    before = open_resources(tmp_path)
    lost = signing_settings.model_copy(update={"keys_file": tmp_path / "none.toml"})
    with pytest.raises(CannotStart):
        await signing.assemble(lost).__aenter__()
    assert open_resources(tmp_path) - before == set()


async def test_storage_closes_what_it_opened(tmp_path, storage_settings):
    """Database, bus, the workers that wait for files, the public face."""
    url = storage_settings.database.url.get_secret_value()
    migrate(url, storage_console.MIGRATIONS)
    before, during = open_resources(tmp_path), set()

    async def ready():
        during.update(open_resources(tmp_path) - before)
        return await _answers(storage_settings.bind.port)

    await ended_by_a_broken_task(storage.assemble(storage_settings), ready)
    assert any(name.startswith("thread writer ") for name in during)
    assert any(name.startswith("process ") for name in during)
    assert open_resources(tmp_path) - before == set()


async def _answers(port):
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
