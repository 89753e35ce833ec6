"""Which values are not written (Relay attribute `skip_serialization`)."""

from enum import Enum
from typing import Any

from archive.events.protocol.meta import Meta
from archive.events.protocol.mode import Reader


class SkipSerialization(Enum):
    """Which values a struct does not write (Relay attribute `skip_serialization`)."""

    NULL = "null"
    EMPTY = "empty"
    EMPTY_DEEP = "empty_deep"


NULL, EMPTY, EMPTY_DEEP = SkipSerialization


def is_empty(value: Any) -> bool:
    """Return whether a value is null or has no items (Relay, `Empty::is_empty`)."""
    return not value and value in (None, "", [], {})


def is_deep_empty(value: Any) -> bool:
    """Return whether a value has nothing at any depth (Relay, `Empty::is_deep_empty`)."""
    if type(value) is str:
        return not value
    if type(value) is dict:
        return all(map(is_deep_empty, value.values()))
    if type(value) is list:
        return all(map(is_deep_empty, value))
    return value is None


def list_filled(items: list[Any], notes: Meta) -> list[Any]:
    """List the items that have something or an annotation."""
    return [
        item
        for index, item in enumerate(items)
        if not is_deep_empty(item) or (notes and str(index) in notes)
    ]


def are_all_empty(value: dict[str, Any]) -> bool:
    """Return whether a struct is empty, which it is if all its members are."""
    return all(map(is_empty, value.values()))


def drop_empty_items(read: Reader) -> Reader:
    """Make a reader that leaves out what an `empty_deep` field does not write.

    Ingestion leaves it out later, after it has processed the items.
    """

    def read_filled(value: Any, meta: Meta) -> Any:
        result = read(value, meta)
        if type(result) is list:
            return list_filled(result, meta)
        if type(result) is dict and not all(result.values()):
            return {
                key: item for key, item in result.items() if not is_deep_empty(item) or key in meta
            }
        return result

    return read_filled
