"""Make the stream, its consumers and the buckets look as ecopy.topology says.

``python -m chassis.provision``; every start repeats it harmlessly. It refuses a server
that would lose acknowledged messages in a power cut: with the default ``sync_interval``
0 of 500 survived, with ``always`` 500 of 500. Start at ``provision``.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Final

import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError
from pydantic_settings import BaseSettings

from chassis import bus_client, logs
from chassis.monitor import NotDurable, check_server
from chassis.objects.opening import make_bucket, open_objects
from chassis.settings import LogSettings, ObjectsSettings, settings_config
from ecopy.refusals import Trouble
from ecopy.topology import (
    CONSUMERS,
    DEAD,
    DEAD_STREAM,
    MARK_PUBLISHERS,
    MARKS_STREAM,
    REPLAY,
    STREAM,
    SUBJECTS,
    Consumer,
)

log = structlog.get_logger()

DAY: Final = 86_400.0
TIMEOUT_SECONDS: Final = 10.0
MAX_ACK_PENDING: Final = 100
"""With 1, one delayed message would block all others."""
USER: Final = "provision"
DEAD_LETTERS: Final = 64
"""How many dead letters one consumer keeps; a further one pushes out its own oldest,
never another's."""
DEAD_BYTES: Final = 512 << 20
"""More than all consumers' letters together can have: the bus takes 1 MB at most."""
MARKS_BYTES: Final = 16 << 20
"""More than two messages of the largest size that the bus takes, and what they replace
until the server has compacted its file."""


class ProvisionSettings(BaseSettings):
    """``PROVISION__NATS_URL`` and so on."""

    model_config = settings_config("PROVISION")

    nats_url: str = "nats://127.0.0.1:4222"
    nats_monitor: str = "http://127.0.0.1:8222"
    nats_user_file: Path | None = None
    stream_max_bytes: int = 8 << 30
    replicas: int = 1
    objects: list[ObjectsSettings] = []
    """Buckets to make (S3) and to self-test."""
    logs: LogSettings = LogSettings()


async def provision(settings: ProvisionSettings) -> None:
    """Raises NotDurable, Trouble, or what the client says."""
    await asyncio.to_thread(check_server, settings.nats_monitor)
    await _provision_stream(settings)
    for bucket in settings.objects:
        await asyncio.to_thread(make_bucket, bucket)
        with contextlib.closing(open_objects(bucket)) as objects:
            await objects.self_test()
        log.info("bucket_ready", url=bucket.url)


async def _provision_stream(settings: ProvisionSettings) -> None:
    client = await bus_client.connect(settings.nats_url, settings.nats_user_file, USER)
    try:
        js = client.jetstream(timeout=TIMEOUT_SECONDS)
        # In this order: an earlier version's stream lets go of the dead letters first.
        await _stream(js, STREAM, _facts(settings))
        await _stream(js, DEAD_STREAM, _dead_letters(settings))
        await _stream(js, MARKS_STREAM, _marks(settings))
        for consumer in CONSUMERS:
            await js.add_consumer(STREAM, consumer_config(consumer))
    finally:
        await client.close()
    log.info("stream_ready", stream=STREAM, consumers=len(CONSUMERS))


async def _stream(js: JetStreamContext, name: str, config: StreamConfig) -> None:
    try:
        await js.stream_info(name)
    except NotFoundError:
        await js.add_stream(config)
        return
    await js.update_stream(config)


def _facts(settings: ProvisionSettings) -> StreamConfig:
    """A full stream refuses: what it has, it keeps."""
    return StreamConfig(
        name=STREAM,
        subjects=[*SUBJECTS, f"{REPLAY}.*"],
        retention=RetentionPolicy.LIMITS,  # a work queue forgets message ids
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_age=14 * DAY,
        max_bytes=settings.stream_max_bytes,
        duplicate_window=600.0,
        deny_delete=True,
        deny_purge=True,
        num_replicas=settings.replicas,
    )


def _dead_letters(settings: ProvisionSettings) -> StreamConfig:
    """The stream of what nobody could read, for a person to look at. The event itself,
    if it was one, is among the facts.
    """
    return StreamConfig(
        name=DEAD_STREAM,
        subjects=[f"{DEAD}.*"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=14 * DAY,
        max_bytes=DEAD_BYTES,
        max_msgs_per_subject=DEAD_LETTERS,
        deny_delete=True,
        deny_purge=True,
        num_replicas=settings.replicas,
    )


def _marks(settings: ProvisionSettings) -> StreamConfig:
    """The last mark of each service, for ever: an age would let it be forgotten just
    when a house was down for long, and an old register put back. ``allow_direct`` lets
    a service be given the right to read one subject's last message and nothing else.
    """
    return StreamConfig(
        name=MARKS_STREAM,
        subjects=sorted(MARK_PUBLISHERS),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_bytes=MARKS_BYTES,
        max_msgs_per_subject=1,
        allow_direct=True,
        deny_delete=True,
        deny_purge=True,
        num_replicas=settings.replicas,
    )


def consumer_config(consumer: Consumer) -> ConsumerConfig:
    """Durable, explicit acks, redelivered for ever: the loop decides when."""
    return ConsumerConfig(
        durable_name=consumer.durable,
        filter_subjects=[consumer.event.subject, consumer.replay],
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=consumer.ack_wait_seconds,
        max_ack_pending=MAX_ACK_PENDING,
        max_deliver=-1,
    )


def main() -> None:
    settings = ProvisionSettings()
    logs.configure("provision", settings.logs)
    try:
        asyncio.run(provision(settings))
    except (NotDurable, Trouble, NatsError, OSError, ValueError) as error:
        raise SystemExit(f"not provisioned: {error!r}") from None


if __name__ == "__main__":
    main()
