"""The two modes in which the schema is read, as Relay has them (`is_renormalize`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from archive.events.protocol.meta import Meta, reject
from archive.events.protocol.values import clean_number, wrap_number

Reader: TypeAlias = Callable[[Any, Meta], Any]
"""Reads a value that is not null; notes what is wrong on its `_meta` node and may return None."""

Type: TypeAlias = Callable[["Mode"], Reader]
"""The type of a value: makes the reader for a mode."""


class Mode:
    """How events are read: when an SDK sends one, or again whenever a stored one is read.

    is_renormalize: whether the event was stored. Its limits, requirements and formats were
    enforced then, so that only the form is read; members that are unknown stay.
    processors: what ingestion does to a value once it is read, by type (Relay, `Processor`).
    readers: take the place of those of some types.
    """

    def __init__(
        self,
        *,
        is_renormalize: bool,
        processors: Mapping[Type, Reader] | None = None,
        readers: Mapping[Type, Reader] | None = None,
    ) -> None:
        self.is_renormalize = is_renormalize
        self.clean_number: Callable[[int | float], Any] = (
            wrap_number if is_renormalize else clean_number
        )
        self.longest_plain: dict[Reader, int] = {}
        """Of each reader of text: up to which length it returns ASCII as it is."""
        self._processors = processors or {}
        self._readers: dict[Type, Reader] = {**(readers or {})}

    def compile(self, kind: Type) -> Reader:
        """Return the reader of a type, which is made once."""
        reader = self._readers.get(kind)
        if reader is None:
            reader = kind(self)
            if kind in self._processors:
                reader = _chain(reader, self._processors[kind])
            self._readers[kind] = reader
        return reader


def by_mode(ingest: Type, stored: Type) -> Type:
    """Make a type that differs between the modes."""
    return lambda mode: mode.compile(stored if mode.is_renormalize else ingest)


def plain(read: Reader) -> Type:
    """Make a type that both modes read alike."""
    return lambda mode: read


def coerced(kind: Type, coerce: Callable[[Any, Meta], Any]) -> Type:
    """Make a type of values that are first brought into another form."""

    def compile_coerced(mode: Mode) -> Reader:
        read = mode.compile(kind)
        return lambda value, meta: read(coerce(value, meta), meta)

    return compile_coerced


def converted(kind: Type, convert: Reader) -> Type:
    """Make a type of values that are converted once they are read."""
    return lambda mode: _chain(mode.compile(kind), convert)


def checked(kind: Type, check: Callable[[Any, Meta], Any]) -> Type:
    """Make a type of values that ingestion checks once they are read."""

    def compile_checked(mode: Mode) -> Reader:
        read = mode.compile(kind)
        return lambda value, meta: check(read(value, meta), meta)

    return by_mode(ingest=compile_checked, stored=kind)


def expect(expectation: str, kinds: tuple[type, ...], kind: Type) -> Type:
    """Make a type that rejects all but some kinds of JSON values before it reads them."""

    def compile_expected(mode: Mode) -> Reader:
        read = mode.compile(kind)

        def read_expected(value: Any, meta: Meta) -> Any:
            return read(value, meta) if type(value) in kinds else reject(meta, expectation, value)

        return read_expected

    return compile_expected


def _chain(read: Reader, process: Reader) -> Reader:
    def read_and_process(value: Any, meta: Meta) -> Any:
        result = read(value, meta)
        return None if result is None else process(result, meta)

    return read_and_process
