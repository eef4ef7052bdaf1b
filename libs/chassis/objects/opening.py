"""The object store that the settings name."""

from pathlib import Path

from chassis.objects import Objects
from chassis.objects.directory import DirectoryObjects
from chassis.objects.s3 import S3Objects
from chassis.settings import ObjectsSettings


def open_objects(settings: ObjectsSettings, *, reads_only: bool = False) -> Objects:
    """``file:/abs/dir`` or ``s3://bucket``. *reads_only*: nothing is made in it, so a
    directory may be mounted read-only, or not be there yet.
    """
    scheme, _, rest = settings.url.partition(":")
    if scheme == "file":
        return DirectoryObjects(Path(rest), reads_only=reads_only)
    if scheme == "s3":
        return S3Objects(settings, bucket=rest.strip("/"))
    raise ValueError(f"objects url {settings.url!r}: file:/dir or s3://bucket")
