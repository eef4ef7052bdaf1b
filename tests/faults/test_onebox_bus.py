"""The onebox's own nats-server: who may come in, what each may do, and what is made
again after its folder is gone.
"""

import asyncio
import contextlib
import shutil

import nats.errors
import pytest
import pytest_asyncio
from nats.js.errors import APIError, NotFoundError

from chassis import bus_client, nkey
from chassis.monitor import missing
from chassis.provision import DEAD_LETTERS
from chassis.starting import CannotStart
from ecopy import topology
from ecopy.events import CertificationOrdered
from onebox import bus_server, prepare, programs, tending
from onebox.places import BUS_USERS, REPOSITORY, SERVICES, Places, Ports, url
from onebox.supervisor import Supervisor
from support.houses import six_free_ports
from support.waiting import LONG_SECONDS, until

REFUSED = r"(?i)authorization"
NO_ANSWER_SECONDS = 0.5
"""Given to what the server denies: it answers nothing, however long one waits."""


@pytest.fixture
def places(tmp_path):
    places = Places(tmp_path / "var")
    prepare.make_keys(places)
    return places


@pytest.fixture
def ports():
    return Ports.starting_at(six_free_ports())


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared(tmp_path_factory):
    """Places and ports of one bus, for the tests that leave it as it was."""
    places = Places(tmp_path_factory.mktemp("shared") / "var")
    prepare.make_keys(places)
    ports = Ports.starting_at(six_free_ports())
    async with started(places, ports):
        yield places, ports


@pytest.fixture
async def supervisor(places, ports):
    async with started(places, ports) as supervisor:
        yield supervisor


@contextlib.asynccontextmanager
async def started(places, ports):
    """The bus is up and provisioned, as a start of the house does it."""
    supervisor = Supervisor(places, back_off=(0.1,))
    await supervisor.start(programs.nats(places, ports))
    try:
        await supervisor.ready("nats")
        await tending.provision(places, ports)
        yield supervisor
    finally:
        await supervisor.stop()


async def _ignored(_error):
    """What the bus denies is looked for by the tests themselves."""


@contextlib.asynccontextmanager
async def as_user(places, ports, user):
    seed = places.bus_keys / f"{user}.seed" if user else None
    url = f"nats://127.0.0.1:{ports.nats}"
    client = await bus_client.connect(
        url, seed, user or "nobody", allow_reconnect=False, error_cb=_ignored
    )
    try:
        yield client
    finally:
        await client.close()


def test_its_users_are_those_of_compose(places, ports):
    """The table of who may say and hear what stands in one file for both."""
    compose = (REPOSITORY / "deploy/nats/nats.conf").read_text("utf-8")
    table = compose[compose.index("\nauthorization {") :]
    assert bus_server.write_config(places, ports).read_text("utf-8").endswith(table)


@pytest.mark.usefixtures("supervisor")
async def test_nobody_comes_in_without_a_key(places, ports):
    """Neither without one nor with one that this bus does not know."""
    with pytest.raises(nats.errors.Error, match=REFUSED):
        async with as_user(places, ports, None):
            pass
    (places.bus_keys / "stranger.seed").write_text(nkey.Nkey.generate().seed_text)
    with pytest.raises(nats.errors.Error, match=REFUSED):
        async with as_user(places, ports, "stranger"):
            pass


@pytest.mark.parametrize("user", SERVICES)
async def test_a_service_fetches_its_own_and_takes_nothing_away(shared, user):
    """Its consumers answer, and to intake those that hear it, with their counts. To
    delete one, the stream, or all messages is denied.
    """
    places, ports = shared
    own = [c for c in topology.CONSUMERS if c.durable.startswith(f"{user}-")]
    counted = (*topology.HEAR_ORDERS, *topology.HEAR_VOIDS) if user == "intake" else ()
    others = [c for c in topology.CONSUMERS if c not in {*own, *counted}]
    async with as_user(places, ports, user) as client:
        for consumer in (*own, *counted):
            found = await client.jetstream(timeout=LONG_SECONDS).consumer_info(
                topology.STREAM, consumer.durable
            )
            assert found.name == consumer.durable
        js = client.jetstream(timeout=NO_ANSWER_SECONDS)
        denied = [
            js.delete_consumer(topology.STREAM, own[0].durable),
            js.consumer_info(topology.STREAM, others[0].durable),
            js.delete_stream(topology.STREAM),
            js.purge_stream(topology.STREAM),
            js.publish("ecopy.forged", b"x"),
        ]
        ends = await asyncio.gather(*denied, return_exceptions=True)
    assert [type(end) for end in ends] == [nats.errors.TimeoutError] * len(denied)
    assert await asyncio.to_thread(missing, url(ports.nats_monitor)) == []


@pytest.mark.parametrize("curious", [*SERVICES, "provision"])
async def test_nobody_hears_what_another_is_sent(shared, curious):
    """An order is delivered to signing; whoever else listens for everything, for all
    inboxes or for signing's hears none of it. (storage's order of its own is not
    fetched here.)
    """
    places, ports = shared
    subjects: list[str] = []

    async def note(message):
        subjects.append(message.subject)

    topics = (">", "_INBOX.>", "_INBOX.signing.>", "_INBOX.*.*", "ecopy.>", "$JS.>")
    overheard = topics if curious != "signing" else ()
    async with (
        as_user(places, ports, "intake") as intake,
        as_user(places, ports, "signing") as signing,
        as_user(places, ports, curious) as listening,
    ):
        for topic in overheard:
            await listening.subscribe(topic, cb=note)
        await listening.flush()
        orders = await signing.jetstream(timeout=LONG_SECONDS).pull_subscribe_bind(
            topology.SIGNING_ORDERED.durable, topology.STREAM
        )
        await intake.jetstream(timeout=LONG_SECONDS).publish(
            CertificationOrdered.subject, b"an order"
        )
        (order,) = await orders.fetch(1, timeout=LONG_SECONDS)
        await order.ack_sync(timeout=LONG_SECONDS)
        await listening.flush()
    assert order.data == b"an order"
    assert subjects == []


@pytest.mark.parametrize("user", SERVICES)
async def test_a_service_reads_the_last_marks_and_says_its_own_only(shared, user):
    """Each reads both, from the stream's last message of each subject and no other way;
    what another service is to say is denied, and so is taking a mark away.
    """
    places, ports = shared
    async with as_user(places, ports, user) as client:
        answered = client.jetstream(timeout=LONG_SECONDS)
        js = client.jetstream(timeout=NO_ANSWER_SECONDS)
        for subject, publishers in topology.MARK_PUBLISHERS.items():
            if user in publishers:
                await answered.publish(subject, b"a mark", stream=topology.MARKS_STREAM)
            else:
                with pytest.raises(nats.errors.TimeoutError):
                    await js.publish(subject, b"forged", stream=topology.MARKS_STREAM)
            with contextlib.suppress(NotFoundError):  # not said yet: an answer, too
                await answered.get_last_msg(topology.MARKS_STREAM, subject, direct=True)
        denied = [
            js.get_msg(topology.MARKS_STREAM, seq=1, direct=True),
            js.get_msg(topology.MARKS_STREAM, seq=1),
            js.stream_info(topology.MARKS_STREAM),
            js.purge_stream(topology.MARKS_STREAM),
            js.delete_stream(topology.MARKS_STREAM),
        ]
        ends = await asyncio.gather(*denied, return_exceptions=True)
    assert [type(end) for end in ends] == [nats.errors.TimeoutError] * len(denied)


@pytest.mark.usefixtures("supervisor")
async def test_dead_letters_push_out_nobody_elses(places, ports):
    """storage parks more than there is room for: the oldest of its own go, signing's
    stays, and the stream of facts has none of them.
    """
    async with as_user(places, ports, "signing") as signing:
        await signing.jetstream(timeout=LONG_SECONDS).publish(
            "ecopy.dead.signing-ordered", b"kept"
        )
    async with as_user(places, ports, "storage") as storage:
        js = storage.jetstream(timeout=LONG_SECONDS)
        for number in range(DEAD_LETTERS + 5):
            await js.publish("ecopy.dead.storage-sealed", b"%d" % number)
    async with as_user(places, ports, "provision") as provision:
        js = provision.jetstream(timeout=LONG_SECONDS)
        facts = await js.stream_info(topology.STREAM)
        dead = await js.stream_info(topology.DEAD_STREAM, subjects_filter=">")
    assert facts.state.messages == 0
    assert dead.state.subjects == {
        "ecopy.dead.signing-ordered": 1,
        "ecopy.dead.storage-sealed": DEAD_LETTERS,
    }


async def test_intake_reads_dead_letters_and_hands_each_back(places, ports, supervisor):
    """By its own key: it may not take one away, put one there for another, or publish
    another's event; and nobody else may read them or replay one, not even its own.
    """
    durables = [consumer.durable for consumer in topology.CONSUMERS]
    assert supervisor.pid("nats")
    async with as_user(places, ports, "signing") as signing:
        await signing.jetstream(timeout=LONG_SECONDS).publish(
            "ecopy.dead.signing-ordered", b"poison"
        )
    async with as_user(places, ports, "intake") as intake:
        answered = intake.jetstream(timeout=LONG_SECONDS)
        found = await answered.get_msg(
            topology.DEAD_STREAM, 1, "ecopy.dead.*", next=True
        )
        assert found.data == b"poison"
        for durable in durables:
            subject = f"ecopy.replay.{durable}"
            await answered.publish(subject, b"x", stream=topology.STREAM)
        js = intake.jetstream(timeout=NO_ANSWER_SECONDS)
        denied = [
            js.delete_msg(topology.DEAD_STREAM, 1),
            js.purge_stream(topology.DEAD_STREAM),
            js.publish("ecopy.dead.signing-ordered", b"x"),
            js.publish("ecopy.replay.nobody", b"x"),
            js.publish("ecopy.copy.sealed.v1", b"x"),
            js.get_msg(topology.STREAM, 1),
        ]
        ends = await asyncio.gather(*denied, return_exceptions=True)
    assert [type(end) for end in ends] == [nats.errors.TimeoutError] * len(denied)
    for user in ("signing", "storage"):
        async with as_user(places, ports, user) as other:
            js = other.jetstream(timeout=NO_ANSWER_SECONDS)
            ends = await asyncio.gather(
                js.get_msg(topology.DEAD_STREAM, 1),
                *(js.publish(f"ecopy.replay.{durable}", b"x") for durable in durables),
                return_exceptions=True,
            )
        assert {type(end) for end in ends} == {nats.errors.TimeoutError}


async def test_provision_itself_deletes_nothing(shared):
    """Its own key makes and changes, and takes nothing away."""
    places, ports = shared
    async with as_user(places, ports, "provision") as client:
        js = client.jetstream(timeout=NO_ANSWER_SECONDS)
        for denied in (
            js.delete_stream(topology.STREAM),
            js.delete_consumer(topology.STREAM, topology.CONSUMERS[0].durable),
        ):
            with pytest.raises((nats.errors.TimeoutError, APIError)):
                await denied


async def test_an_emptied_bus_is_provisioned_again(supervisor, places, ports, capsys):
    """nats/ deleted while the bus is killed: the house makes what is missing, and says
    so, without a restart.
    """
    supervisor.tend("bus", tending.tend_bus(supervisor, places, ports, every=0.2))
    first = supervisor.pid("nats")
    shutil.rmtree(places / "nats")
    supervisor._kept["nats"].process.kill()
    await until(lambda: supervisor.pid("nats") != first)
    await supervisor.ready("nats")

    async def whole():
        return await asyncio.to_thread(missing, url(ports.nats_monitor)) == []

    await until(whole)
    assert supervisor.lost is None
    assert "missing on the bus" in capsys.readouterr().out


async def test_a_provision_that_cannot_is_one_line(supervisor, places, ports):
    """The step's own words, not a program's traceback."""
    await supervisor.stop()
    with pytest.raises(CannotStart) as refused:
        await tending.provision(places, ports)
    assert "not provisioned: URLError(" in refused.value.vi
    assert "Traceback" not in places.log("provision").read_text()


async def test_a_key_that_is_not_whole_is_drawn_again(supervisor, places, ports):
    """Nothing stored depends on a bus key: the next start has new ones that fit."""
    await supervisor.stop()
    for user, cut in zip(BUS_USERS, (b"", b"SUAB", b"\xff", None), strict=True):
        path = places.bus_keys / f"{user}.seed"
        path.unlink() if cut is None else path.write_bytes(cut)
    prepare.make_keys(places)
    await supervisor.start(programs.nats(places, ports))
    await supervisor.ready("nats")
    await tending.provision(places, ports)
