import asyncio

import pytest

from chassis.operations import Operations


def operations(*, fine=True):
    async def healthy():
        return fine

    async def measured():
        return [('days_left{key="o"}', 12.5)]

    return Operations(healthy, measured)


@pytest.mark.parametrize(("fine", "status"), [(True, 200), (False, 503)])
async def test_health_is_what_database_and_bus_say(fine, status):
    reply = await operations(fine=fine).reply("GET", "/healthz")
    assert reply.status == status


async def test_metrics_are_counts_and_gauges():
    counted = operations()
    counted.count("done_total")
    counted.count("done_total")
    reply = await counted.reply("GET", "/metrics")
    assert reply.body == 'done_total 2\ndays_left{key="o"} 12.5\n'


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/healthz"), ("GET", "/"), ("GET", "/sign"), ("PUT", "/metrics")],
)
async def test_nothing_else_is_answered(method, path):
    """Read-only, two paths: no request can make this service sign."""
    assert (await operations().reply(method, path)).status == 404


@pytest.mark.parametrize(
    "sent", [b"\r\n\r\n", b"GET\r\n\r\n", b"\xff\xfe\r\n\r\n", b"A" * 9000]
)
async def test_junk_closes_the_connection_and_nothing_more(sent):
    """After it the next one is served as always."""
    stop, served = asyncio.Event(), operations()
    server = await asyncio.start_server(served._connected, "127.0.0.1", 0, limit=4096)
    port = server.sockets[0].getsockname()[1]
    assert await _sent(port, sent) == b""
    assert (await _sent(port, b"GET /healthz HTTP/1.1\r\n\r\n")).startswith(
        b"HTTP/1.1 200"
    )
    stop.set()
    server.close()
    await server.wait_closed()


async def _sent(port, content):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(content)
    await writer.drain()
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()
