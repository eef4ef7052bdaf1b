"""The end of an object in an S3 server: each version of it, unless one is locked.

Start at ``erase``.
"""

import contextlib
from typing import Final

from minio import Minio
from minio.error import S3Error

from chassis.clock import utc_now
from chassis.objects import Locked, Missing
from chassis.objects.s3_answers import GONE, answers
from ecopy.refusals import Hindrance, Trouble

LOCKLESS: Final = frozenset(
    {
        "InvalidRequest",
        "ObjectLockConfigurationNotFoundError",
        "NoSuchObjectLockConfiguration",
        "NotImplemented",
    }
)
"""How servers say that a bucket has no object lock."""


def erase(client: Minio, bucket: str, key: str) -> None:
    """Remove every version of the object, or none: raises Locked if one is locked."""
    versions = _versions(client, bucket, key)
    for version in versions:
        _check_unlocked(client, bucket, key, version)
    for version in versions:
        with contextlib.suppress(Missing), answers():
            client.remove_object(bucket, key, version_id=version)


def _versions(client: Minio, bucket: str, key: str) -> list[str | None]:
    """Ids of all versions; that of a bucket without versions is None."""
    listed = client.list_objects(bucket_name=bucket, prefix=key, include_version=True)
    try:
        found = [one.version_id for one in listed if one.object_name == key]
    except ValueError as error:
        # minio 7.2.20 cannot read the moment of versitygw's delete markers. There
        # is one only if somebody deleted by hand: a person must look.
        raise Trouble(Hindrance.STORE, f"versions of {key}: {error}") from error
    return [None if version in (None, "null") else version for version in found]


def _check_unlocked(client: Minio, bucket: str, key: str, version: str | None) -> None:
    """Raises Locked. A bucket that was made without locks has none."""
    try:
        hold = client.is_object_legal_hold_enabled(bucket, key, version)
        kept = client.get_object_retention(bucket, key, version)
    except S3Error as error:
        if error.code in LOCKLESS | GONE:
            return
        raise
    if hold:
        raise Locked(key, None)
    if kept is not None and kept.retain_until_date > utc_now():
        raise Locked(key, kept.retain_until_date)
