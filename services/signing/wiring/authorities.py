"""The outside parties of a copy: timestamp authorities and revocation servers."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta

from chassis.clock import utc_now
from ecopy.trust import TrustDocument
from signing.adapters.authorities.governor import RequestLimits
from signing.adapters.authorities.http_client import HttpClient
from signing.adapters.authorities.security_stores import SecurityStores
from signing.adapters.authorities.timestamp_tokens import TokenRules
from signing.adapters.authorities.timestamps import Timestamps
from signing.adapters.cms import certificate_chains
from signing.settings import RevocationSettings, Settings, TsaSettings


@contextmanager
def open_authorities(
    settings: Settings, trust: TrustDocument
) -> Iterator[tuple[Timestamps, SecurityStores]]:
    """Timestamp authorities and revocation servers over one HTTP client."""
    with (
        closing(HttpClient(settings.network_timeout_seconds)) as web,
        ThreadPoolExecutor(1, "revocation") as background,
    ):
        yield (
            timestamps_of(settings.tsa, trust, web),
            revocation_of(settings.revocation, web, background),
        )


def timestamps_of(
    tsa: TsaSettings, trust: TrustDocument, web: HttpClient
) -> Timestamps:
    every = (tsa.requests, tsa.period_seconds)
    limits = {url: tsa.limits.get(url, every) for url in tsa.urls}
    return Timestamps(
        tsa.urls,
        TokenRules(certificate_chains.parsed(trust.timestamps), tsa.policies),
        web.fetch,
        utc_now,
        limits={
            url: RequestLimits(requests, timedelta(seconds=period))
            for url, (requests, period) in limits.items()
        },
    )


def revocation_of(
    settings: RevocationSettings, web: HttpClient, background: Executor
) -> SecurityStores:
    return SecurityStores(
        web.fetch,
        utc_now,
        largest_crls=settings.largest_crls_bytes,
        limits=RequestLimits(settings.requests_per_minute, timedelta(minutes=1)),
        max_age=timedelta(seconds=settings.fresh_seconds),
        background=background,
    )
