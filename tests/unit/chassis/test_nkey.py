import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.bus_client import connect
from chassis.nkey import Nkey, server_variables
from support import servers


def test_seed_comes_back():
    """A seed written as text is read back as the same user."""
    key = Nkey(bytes(range(32)))
    assert key.seed_text.startswith("SU")
    assert key.public.startswith("U")
    assert Nkey.parse(key.seed_text + "\n").public == key.public


def test_nonce_is_signed_by_the_public_key():
    """The signature is the raw key's, over the nonce's bytes."""
    seed = bytes(range(32))
    raw = Nkey(seed)._key.public_key().public_bytes_raw()
    signature = base64.b64decode(Nkey(seed).sign("nonce"))
    Ed25519PublicKey.from_public_bytes(raw).verify(signature, b"nonce")


def test_each_new_user_is_another():
    """Two users made one after the other have two seeds, each read back as itself."""
    one, other = Nkey.generate(), Nkey.generate()
    assert one.seed_text != other.seed_text
    assert Nkey.parse(one.seed_text).public == one.public != other.public


def test_server_is_told_the_public_keys_by_name():
    """One line a user: its name in capitals, and nothing of its seed."""
    keys = {"intake": Nkey(bytes([1]) * 32), "storage": Nkey(bytes([2]) * 32)}
    text = server_variables({user: key.seed_text for user, key in keys.items()})
    assert text == (
        f"INTAKE: {keys['intake'].public}\nSTORAGE: {keys['storage'].public}\n"
    )


@pytest.mark.parametrize(
    "text", ["", "SU", Nkey(bytes(32)).public, Nkey(bytes(32)).seed_text[:-1] + "A"]
)
def test_other_texts_are_refused(text):
    """A public key, a cut seed and a mistyped one are no seed."""
    with pytest.raises(ValueError, match=r"seed|Incorrect|checksum|padded"):
        Nkey.parse(text)


async def test_server_knows_the_user(tmp_path):
    """A real nats-server lets the listed user in, and nobody else."""
    known, stranger = Nkey(bytes([1]) * 32), Nkey(bytes([2]) * 32)
    server = servers.Nats(tmp_path, servers.free_port(), servers.free_port())
    (tmp_path / "nats.conf").write_text(
        f"host: 127.0.0.1\nport: {server.port}\nhttp: 127.0.0.1:{server.monitor_port}\n"
        f"authorization {{ users: [ {{ nkey: {known.public} }} ] }}\n"
    )
    server.start()
    try:
        for name, key in (("known", known), ("stranger", stranger)):
            (tmp_path / name).write_text(key.seed_text)
        client = await connect(server.url, tmp_path / "known", "intake")
        await client.close()
        with pytest.raises(Exception, match=r"(?i)authorization"):
            await connect(
                server.url, tmp_path / "stranger", "intake", allow_reconnect=False
            )
    finally:
        server.stop()
