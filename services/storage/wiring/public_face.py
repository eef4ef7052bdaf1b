"""The public face: its routes with their headers and log, and the port it answers on.

What a page says is in ``storage.app``. Start at ``face``.
"""

import asyncio
import ipaddress

from starlette.types import ASGIApp

from chassis import http
from chassis.clock import Clock
from chassis.starting import CannotStart
from ecopy.trust import Merger
from storage import usecases
from storage.app.application import create_app
from storage.app.office import Office
from storage.settings import Settings


def face(
    settings: Settings,
    storage: usecases.Storage,
    *,
    clock: Clock,
    mergers: tuple[Merger, ...] = (),
) -> ASGIApp:
    """The public face with its headers and its log."""
    app = create_app(
        storage,
        clock=clock,
        office=office_of(settings),
        demo=settings.demo,
        limits=settings.limits,
        trusted_proxies=settings.trusted_proxies,
        public_host=settings.public_host,
        mergers=mergers,
    )
    return http.dressed(
        app, settings.connections, trusted_proxies=settings.trusted_proxies
    )


def office_of(settings: Settings) -> Office:
    """The office that every page names."""
    configured = settings.office
    return Office(
        name_vi=configured.name,
        name_en=configured.name_en,
        phone=configured.phone,
        hours_vi=configured.hours,
        hours_en=configured.hours_en,
    )


async def serve(app: ASGIApp, settings: Settings, stop: asyncio.Event) -> None:
    await http.serve(
        app,
        settings.bind.host,
        settings.bind.port,
        stop,
        limits=settings.connections,
        trusted_proxies=settings.trusted_proxies,
    )


def check_bind(settings: Settings) -> None:
    """Plain HTTP is for loopback, or behind a proxy that ends TLS."""
    host = settings.bind.host
    loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    if not loopback and not settings.tls.behind_proxy:
        raise CannotStart(
            f"{host} không phải địa chỉ loopback: đặt phía trước một máy chủ trung gian"
            " kết thúc TLS và đặt STORAGE__TLS__BEHIND_PROXY=true",
            f"{host} is not a loopback address: put a proxy that ends TLS in front and"
            " set STORAGE__TLS__BEHIND_PROXY=true",
        )
