"""Objects in an S3 server, through minio 7.2.20 and its public calls alone.

``put_object`` takes no conditional header (``metadata={"If-None-Match": "*"}`` would
become user metadata and protect nothing), but it takes the HTTP client that it is to
use: ``conditional.Once`` adds the header to what makes an object. The version stays
pinned, since another one might send its requests otherwise; ``self_test`` proves the
header by a 412 at every start. See docs/decisions/0076. Start at ``S3Objects.put``.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar, cast
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import S3Error

from chassis import temporary
from chassis.objects import (
    CHUNK,
    NO_OBJECTS,
    THREADS,
    Content,
    Incoming,
    Missing,
    Source,
    check_key,
    conditional_put_test,
)
from chassis.objects.conditional import Once, Reading
from chassis.objects.durable import opened
from chassis.objects.listing import Listed, in_pieces
from chassis.objects.s3_answers import GONE, LOST, answers, ask_store
from chassis.objects.s3_versions import erase
from chassis.objects.spool import Spool
from chassis.settings import ObjectsSettings

T = TypeVar("T")

CONNECT_SECONDS: Final = 2.0
READ_SECONDS: Final = 15.0
RETRIES: Final = 2
PART: Final = 16 << 20
"""Above this an object goes up in parts, each held in memory one at a time."""


class S3Objects:
    """One bucket of an S3 server; see ``chassis.objects.Objects`` for the promises."""

    def __init__(self, settings: ObjectsSettings, bucket: str) -> None:
        endpoint = urlsplit(settings.endpoint)
        secret = settings.secret_key.get_secret_value()
        if settings.secret_key_file is not None:
            secret = settings.secret_key_file.read_text().strip()
        self._bucket = bucket
        self._threads = ThreadPoolExecutor(THREADS, "s3")
        # The library's own pool can hang for half an hour.
        patience: dict[str, Any] = {
            "timeout": urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            "retries": urllib3.Retry(total=RETRIES, backoff_factor=0.2),
            "maxsize": THREADS,
        }
        self._pools = urllib3.PoolManager(**patience), Once(**patience)
        self._client, self._making = (
            Minio(
                endpoint.netloc,
                access_key=settings.access_key.get_secret_value(),
                secret_key=secret,
                secure=endpoint.scheme == "https",
                region=settings.region,
                http_client=pool,
            )
            for pool in self._pools
        )

    def close(self) -> None:
        self._threads.shutdown()
        for pool in self._pools:
            pool.clear()

    async def put(self, key: str, content: Content) -> bool:
        return await self._call(self._put, check_key(key), content)

    async def get(self, key: str) -> bytes:
        return await self._call(self._get, check_key(key))

    async def size(self, key: str) -> int | None:
        return await self._call(self._size, check_key(key))

    async def equals(self, key: str, content: Content) -> bool:
        return await self._call(self._equals, check_key(key), content)

    async def stream(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        while start < end:
            length = min(CHUNK, end - start)
            chunk = await self._call(self._range, check_key(key), start, length)
            yield chunk
            start += len(chunk)

    @contextlib.asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        with temporary.Folder("ecopy-object") as folder:
            path = folder / "object"
            await self._call(self._download, check_key(key), path)
            yield path

    @contextlib.asynccontextmanager
    async def incoming(self) -> AsyncIterator[Incoming]:
        # A conditional key is a digest, known only at the end, and S3 has no rename:
        # the bytes wait in a file of this machine.
        spool = Spool(None, self._put)
        try:
            yield spool
        finally:
            spool.discard()

    async def delete(self, key: str) -> None:
        # Of two deletions at once versitygw 1.8.0 answers the second with NoSuchKey.
        with contextlib.suppress(Missing):
            await self._call(self._client.remove_object, self._bucket, check_key(key))

    async def erase(self, key: str) -> None:
        await self._call(erase, self._client, self._bucket, check_key(key))

    async def any(self) -> bool:
        return await self._call(self._any)

    def listing(self, prefix: str = "") -> AsyncIterator[Listed]:
        found = self._client.list_objects(
            bucket_name=self._bucket, prefix=prefix, recursive=True
        )
        named = ((str(one.object_name), one.size or 0) for one in found)
        return in_pieces(self._call, named)

    async def room(self) -> int | None:
        return None  # the protocol has no such question

    async def self_test(self) -> None:
        await conditional_put_test(self)

    def make_bucket(self) -> None:
        """Only ``provision`` calls it; harmless if the bucket exists."""
        with answers():
            if not self._client.bucket_exists(bucket_name=self._bucket):
                self._client.make_bucket(bucket_name=self._bucket)

    async def _call(self, work: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, ask_store, work, *args)

    def _put(self, key: str, content: Content) -> bool:
        with opened(content) as source:
            # Most of what is large and exists already was put by us: its bytes need not
            # travel again. Who is right in a race is decided by the header alone.
            if source.size > PART and self._size(key) is not None:
                return False
            try:
                self._making.put_object(
                    bucket_name=self._bucket,
                    object_name=key,
                    data=cast("BinaryIO", Reading(source)),
                    length=source.size,
                    part_size=PART,
                    num_parallel_uploads=1,
                )
            except S3Error as error:
                if error.code in LOST:
                    return False
                raise
            return True

    def _read(self, key: str, start: int, length: int) -> Any:
        return self._client.get_object(
            bucket_name=self._bucket, object_name=key, offset=start, length=length
        )

    def _get(self, key: str) -> bytes:
        return self._range(key, 0, 0)

    def _range(self, key: str, start: int, length: int) -> bytes:
        """``length`` 0 is the rest of the object."""
        response = self._read(key, start, length)
        try:
            content: bytes = response.read()
        finally:
            response.close()
            response.release_conn()
        return content

    def _download(self, key: str, path: Path) -> None:
        response = self._read(key, 0, 0)
        try:
            with path.open("wb") as file:
                for chunk in response.stream(CHUNK):
                    file.write(chunk)
        finally:
            response.close()
            response.release_conn()

    def _any(self) -> bool:
        listed = self._client.list_objects(bucket_name=self._bucket)
        return any(str(one.object_name).strip("/") not in NO_OBJECTS for one in listed)

    def _size(self, key: str) -> int | None:
        try:
            found = self._client.stat_object(bucket_name=self._bucket, object_name=key)
        except S3Error as error:
            if error.code in GONE:
                return None
            raise
        return found.size

    def _equals(self, key: str, content: Content) -> bool:
        with opened(content) as source:
            if self._size_or_missing(key) != source.size:
                return False
            response = self._read(key, 0, 0)
            try:
                return _same(response.stream(CHUNK), source)
            finally:
                response.close()
                response.release_conn()

    def _size_or_missing(self, key: str) -> int:
        size = self._size(key)
        if size is None:
            raise Missing(key)
        return size


def _same(chunks: Iterator[bytes], source: Source) -> bool:
    at = 0
    for chunk in chunks:
        if source.read(at, len(chunk)) != chunk:
            return False
        at += len(chunk)
    return at == source.size
