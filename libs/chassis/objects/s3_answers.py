"""What the answers of an S3 server mean: an object that is not there, or trouble."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import urllib3
from minio.error import MinioException, S3Error

from chassis.objects import Missing
from ecopy.refusals import Hindrance, Trouble

T = TypeVar("T")

LOST: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "ResourceNotFound"})


@contextlib.contextmanager
def answers() -> Iterator[None]:
    """What the server or the line says is trouble; a missing object is an answer."""
    try:
        yield
    except S3Error as error:
        if error.code in GONE:
            raise Missing(error.object_name or "") from error
        raise Trouble(Hindrance.STORE, error.code or "S3") from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise Trouble(Hindrance.STORE, f"{type(error).__name__}: {error}") from error


def ask_store(work: Callable[..., T], *args: object) -> T:
    with answers():
        return work(*args)
