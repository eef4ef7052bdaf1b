"""A column type: a frozen value of ours as JSON text."""

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Dialect, Text, TypeDecorator


class Value(TypeDecorator[Any]):
    """A frozen value of ours as JSON text; read back by its own type."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self._adapter.dump_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else self._adapter.validate_json(value)
