"""Objects in an S3 server, through minio 7.2.20 (pinned: its lower call is private).

``metadata={"If-None-Match": "*"}`` would become user metadata and protect nothing, so
the conditional header goes through ``_execute``; ``self_test`` proves it by a 412.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

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
from chassis.objects.durable import opened
from chassis.objects.spool import Spool
from chassis.settings import ObjectsSettings
from ecopy.refusals import Hindrance, Trouble

T = TypeVar("T")

CONNECT_SECONDS: Final = 2.0
READ_SECONDS: Final = 15.0
RETRIES: Final = 2
PART: Final = 16 << 20
"""Above this an object goes up in parts, each held in memory one at a time."""
ONCE: Final = {"If-None-Match": "*"}
LOST: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "ResourceNotFound"})


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
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=urllib3.Retry(total=RETRIES, backoff_factor=0.2),
            maxsize=THREADS,
        )
        self._client = Minio(
            endpoint.netloc,
            access_key=settings.access_key.get_secret_value(),
            secret_key=secret,
            secure=endpoint.scheme == "https",
            region=settings.region,
            http_client=self._pool,
        )

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
        with tempfile.TemporaryDirectory(prefix="ecopy-") as directory:
            path = Path(directory) / "object"
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
        await self._call(self._client.remove_object, self._bucket, check_key(key))

    async def any(self) -> bool:
        return await self._call(self._any)

    async def self_test(self) -> None:
        await conditional_put_test(self)

    def make_bucket(self) -> None:
        """For ``provision`` alone; harmless if the bucket exists."""
        with _answers():
            if not self._client.bucket_exists(bucket_name=self._bucket):
                self._client.make_bucket(bucket_name=self._bucket)

    async def _call(self, work: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _answered, work, *args)

    def _put(self, key: str, content: Content) -> bool:
        with opened(content) as source:
            whole = source.size <= PART
            return self._first(
                lambda: (self._put_whole if whole else self._put_parts)(key, source)
            )

    @staticmethod
    def _first(write: Callable[[], None]) -> bool:
        """True if this conditional write made the object."""
        try:
            write()
        except S3Error as error:
            if error.code in LOST:
                return False
            raise
        return True

    def _put_whole(self, key: str, source: Source) -> None:
        self._client._execute(  # noqa: SLF001 - the only way to a conditional header
            "PUT",
            self._bucket,
            key,
            body=bytes(source.read(0, source.size)),
            headers=dict(ONCE),
        )

    def _put_parts(self, key: str, source: Source) -> None:
        if self._size(key) is not None:
            raise _precondition_failed(key)
        upload = self._client._create_multipart_upload(self._bucket, key, {})  # noqa: SLF001
        try:
            tags = [
                self._client._upload_part(  # noqa: SLF001
                    self._bucket, key, _part(source, at), None, upload, number
                )
                for number, at in enumerate(range(0, source.size, PART), start=1)
            ]
            self._complete(key, upload, tags)
        except BaseException:
            with contextlib.suppress(MinioException, urllib3.exceptions.HTTPError):
                self._client._abort_multipart_upload(self._bucket, key, upload)  # noqa: SLF001
            raise

    def _complete(self, key: str, upload: str, tags: list[str]) -> None:
        parts = "".join(
            f"<Part><PartNumber>{n}</PartNumber><ETag>{escape(tag)}</ETag></Part>"
            for n, tag in enumerate(tags, start=1)
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>"
        self._client._execute(  # noqa: SLF001
            "POST",
            self._bucket,
            key,
            body=body.encode(),
            headers={"Content-Type": "application/xml", **ONCE},
            query_params={"uploadId": upload},
        )

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


def _part(source: Source, at: int) -> bytes:
    return bytes(source.read(at, min(PART, source.size - at)))


def _same(chunks: Iterator[bytes], source: Source) -> bool:
    at = 0
    for chunk in chunks:
        if source.read(at, len(chunk)) != chunk:
            return False
        at += len(chunk)
    return at == source.size


def _precondition_failed(key: str) -> S3Error:
    return S3Error(
        None,  # type: ignore[arg-type] # no response was needed to know
        "PreconditionFailed",
        "the object exists",
        key,
        None,
        None,
    )


@contextlib.contextmanager
def _answers() -> Iterator[None]:
    """What the server or the line says is trouble; a missing object is an answer."""
    try:
        yield
    except S3Error as error:
        if error.code in GONE:
            raise Missing(error.object_name or "") from error
        raise Trouble(Hindrance.STORE, error.code or "S3") from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise Trouble(Hindrance.STORE, f"{type(error).__name__}: {error}") from error


def _answered(work: Callable[..., T], *args: object) -> T:
    with _answers():
        return work(*args)
