"""Write ``.env.example`` from the settings classes.

``python tests/contract/env_example.py``. Committed; the diff is the review, and
test_env_example.py fails on a stale one.
"""

import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, get_args

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / root) for root in ("libs", "services", "tests")]

from pydantic import BaseModel, SecretStr  # noqa: E402
from pydantic_core import PydanticUndefined  # noqa: E402

from chassis import provision  # noqa: E402
from intake import settings as intake  # noqa: E402
from signing import settings as signing  # noqa: E402
from storage import settings as storage  # noqa: E402

FILE = ROOT / ".env.example"
CLASSES = {
    "intake": intake.Settings,
    "signing": signing.Settings,
    "storage": storage.Settings,
    "provision": provision.ProvisionSettings,
}
TESTS_ONLY = frozenset({"CRASH_AT"})
COMPOSE = """\
# Copy to .env. The first part is what compose.yaml asks; below is every setting of
# every service with its default: take the "# " away to change it. What compose.yaml
# sets itself (addresses, mounted files) wins over this file. No secret belongs here:
# they are files, made by deploy/docker/make-secrets.

# --- compose.yaml
# Names under which the two faces are reached, and what certificate each shows:
# "internal" (Caddy's own authority, for a trial), an e-mail address (a public one), or
# your own: "/certs/desk.pem /certs/desk.key", which are files of secrets/caddy.
ECOPY_DESK_HOST=localhost
ECOPY_DESK_TLS=internal
ECOPY_PUBLIC_HOST=localhost
ECOPY_PUBLIC_TLS=internal
# Origin sealed into every copy for ever: think before the first one.
# In ASCII (other letters in their xn-- form), no path, no slash at the end.
ECOPY_PUBLIC_ORIGIN=https://localhost
# Where the faces listen on this host: the desk on the inner network's address.
ECOPY_DESK_ADDRESS=127.0.0.1
ECOPY_DESK_PORT=8443
ECOPY_PUBLIC_ADDRESS=127.0.0.1
ECOPY_PUBLIC_PORT=443
ECOPY_PUBLIC_HTTP_PORT=80
# Where Grafana listens, with the profile observe.
ECOPY_GRAFANA_ADDRESS=127.0.0.1
ECOPY_GRAFANA_PORT=3000
# First three numbers of a /24 for the networks between the rooms. Nobody else may have
# addresses of it: what comes from Caddy's names the client's address and is believed.
ECOPY_SUBNETS=172.30.251
# Your timestamp authorities, the first one first; compose starts nothing without one:
#   SIGNING__TSA__URLS=["http://tsa.example.vn/tsr", "http://tsa.example.com"]
SIGNING__TSA__URLS=
# Folders with config (trust.json, agencies.toml) and secrets.
ECOPY_CONFIG=./config
ECOPY_SECRETS=./secrets
# 1: the store's disk is durable by itself; provision then does not refuse to start
# where it cannot make each write wait for the disk.
ECOPY_STORE_DURABLE=
"""


@dataclass(frozen=True, slots=True)
class Name:
    """One environment variable that a settings class reads."""

    name: str
    default: str | None
    """None: it must be set."""
    comment: str
    optional: bool = False
    """It belongs to a block that may be left out as a whole."""


def names(service: str) -> Iterator[Name]:
    """In the order of the class, without what only tests set."""
    for found in _names(CLASSES[service], service.upper()):
        if found.name.rsplit("__", 1)[1] not in TESTS_ONLY:
            yield found


def _names(
    model: type[BaseModel], prefix: str, given: Any = None, *, optional: bool = False
) -> Iterator[Name]:
    comments = _comments(model)
    for field, info in model.model_fields.items():
        name = f"{prefix}__{field.upper()}"
        default = info.get_default(call_default_factory=True, validated_data={})
        if given is not None:
            default = getattr(given, field)
        block = _block(info.annotation)
        if block is not None:
            inner = default if isinstance(default, BaseModel) else None
            left_out = optional or default is None
            yield from _names(block, name, inner, optional=left_out)
        else:
            shown = _shown(default)
            yield Name(name, shown, comments.get(field, ""), optional)


def _block(annotation: Any) -> type[BaseModel] | None:
    options = get_args(annotation) if isinstance(annotation, UnionType) else ()
    for each in options or (annotation,):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


def _shown(default: Any) -> str | None:
    if default is PydanticUndefined:
        return None
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple | list | frozenset):
        return json.dumps(list(default))
    return "" if default is None else str(default)


def _comments(model: type[BaseModel]) -> dict[str, str]:
    """The docstring under each field: the first sentence is the comment here."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    for field, text in zip(tree.body, tree.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            found[field.target.id] = " ".join(str(text.value.value).split())
    return found


def example() -> str:
    parts = [COMPOSE]
    for service in CLASSES:
        lines = [f"# --- {service}"]
        for each in names(service):
            if each.comment:
                lines += textwrap.wrap(
                    each.comment.replace("``", ""),
                    88,
                    initial_indent="#   ",
                    subsequent_indent="#   ",
                )
            if each.default is None:
                lines.append("#   Must be set, here or by compose.yaml.")
            lines.append(f"# {each.name}={each.default or ''}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    FILE.write_text(example())
