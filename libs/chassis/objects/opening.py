"""The object store that the settings name."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from chassis.objects import Objects
from chassis.objects.directory import DirectoryObjects
from chassis.settings import ObjectsSettings

if TYPE_CHECKING:
    from chassis.objects.s3 import S3Objects


def open_objects(settings: ObjectsSettings, *, reads_only: bool = False) -> Objects:
    """``file:/abs/dir`` or ``s3://bucket``. *reads_only*: nothing is made in it, so a
    directory may be mounted read-only, or not be there yet.
    """
    scheme, _, rest = settings.url.partition(":")
    if scheme == "file":
        return DirectoryObjects(Path(rest), reads_only=reads_only)
    if scheme == "s3":
        return _s3(settings, rest.strip("/"))
    raise ValueError(f"objects url {settings.url!r}: file:/dir or s3://bucket")


def make_bucket(settings: ObjectsSettings) -> None:
    """Harmless if there is one; a directory is made by its first object."""
    scheme, _, rest = settings.url.partition(":")
    if scheme == "s3":
        with closing(_s3(settings, rest.strip("/"))) as objects:
            objects.make_bucket()


def _s3(settings: ObjectsSettings, bucket: str) -> "S3Objects":
    # The client takes a tenth of a service's start, and a house with a folder has none.
    from chassis.objects.s3 import S3Objects  # noqa: PLC0415

    return S3Objects(settings, bucket=bucket)
