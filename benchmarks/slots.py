"""Templates: JSON encoded once, with slots for what differs from event to event.

A template is a Python object whose strings hold slots: «name» is filled in by the caller,
«number» and the other kinds of `KINDS` again at every place, and a string that is nothing but
«json:name» is replaced, quotes and all, by JSON.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping

KINDS: dict[str, Callable[[random.Random], str]] = {
    "address": lambda rng: f"0x7f{rng.getrandbits(40):010x}",
    "amount": lambda rng: f"{rng.random() * 900:.2f}",
    "digit": lambda rng: str(int(rng.random() * 10)),
    "milliseconds": lambda rng: f"{rng.expovariate(0.02):.1f}",
    "number": lambda rng: str(int(rng.random() * 10_000_000)),
    "small": lambda rng: str(int(rng.random() * 200)),
    "truth": lambda rng: "true" if rng.random() < 0.5 else "false",
    "uuid": lambda rng: _dash(rng.getrandbits(128)),
}
_SLOT = re.compile(r'"«json:(\w+)»"|«(\w+)»')


class Template:
    """JSON with slots, as a format string."""

    def __init__(self, value: object) -> None:
        self._drawn: list[tuple[str, Callable[[random.Random], str]]] = []
        self._text = _SLOT.sub(self._number_slot, compact(value).replace("%", "%%"))

    def fill(self, values: Mapping[str, object], rng: random.Random) -> str:
        """The JSON with every slot filled."""
        drawn = {name: draw(rng) for name, draw in self._drawn}
        return self._text % {**values, **drawn}

    def _number_slot(self, slot: re.Match[str]) -> str:
        name = slot[1] or slot[2]
        if name in KINDS:
            self._drawn.append((f"{name}{len(self._drawn)}", KINDS[name]))
            name = self._drawn[-1][0]
        return f"%({name})s"


def compact(value: object) -> str:
    """JSON as the API sends it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _dash(bits: int) -> str:
    digits = f"{bits:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
