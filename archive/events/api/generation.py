"""Generations of Sentry's API: the members of an answer that came with time, and its dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """What differs between the answers of one year and of another.

    Members are listed in the API's order, each frame and exception member under its stored name.

    raw_exception: members that follow an exception's stack traces.
    date_created_digits: how many digits of a second's fraction `dateCreated` has.
    empty_frame: an answered frame in which every member is null.
    """

    user: tuple[str, ...]
    frame: Mapping[str, str]
    raw_exception: Mapping[str, str]
    date_created_digits: int
    empty_frame: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "empty_frame", dict.fromkeys(self.frame.values()))


def _insert(members: Mapping[str, str], after: str, added: Mapping[str, str]) -> dict[str, str]:
    """Members with others added directly after one of them."""
    keys = list(members)
    split = keys.index(after) + 1
    before, rest = keys[:split], keys[split:]
    return {
        **{key: members[key] for key in before},
        **added,
        **{key: members[key] for key in rest},
    }


GENERATION_2024_09 = Generation(
    user=("id", "email", "username", "ip_address", "name", "data"),
    frame={
        "filename": "filename",
        "abs_path": "absPath",
        "module": "module",
        "package": "package",
        "platform": "platform",
        "instruction_addr": "instructionAddr",
        "symbol_addr": "symbolAddr",
        "function": "function",
        "raw_function": "rawFunction",
        "symbol": "symbol",
        "context": "context",
        "lineno": "lineNo",
        "colno": "colNo",
        "in_app": "inApp",
        "trust": "trust",
        "errors": "errors",
        "lock": "lock",
        "source_link": "sourceLink",
        "vars": "vars",
    },
    raw_exception={},
    date_created_digits=0,
)
"""As in the tree of Sentry of 2024-09-17."""

GENERATION_2026_03 = replace(
    GENERATION_2024_09,
    user=("id", "email", "username", "ip_address", "name", "geo", "data"),
    frame=_insert(
        GENERATION_2024_09.frame,
        "colno",
        {"parent_index": "parentIndex", "sample_count": "sampleCount"},
    ),
    raw_exception={"raw_value": "rawValue", "raw_module": "rawModule", "raw_type": "rawType"},
    date_created_digits=3,
)
"""As in an answer of 2026-03-13; the API's response schema of 2026-08-16 has no more."""

NEWEST = GENERATION_2026_03
"""What converted events are answered as."""
