"""Groups: what all events of one issue have in common, encoded once, with slots for the rest.

An event is written down as a Python object whose strings hold slots: «name» is filled in by
the caller, «number» and the other kinds of `KINDS` anew at every place, and a string that is
nothing but «json:name» is replaced, quotes and all, by JSON.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stacks import Application, Function, draw_skewed

Json = dict[str, Any]

KINDS: dict[str, Callable[[random.Random], str]] = {
    "address": lambda rng: f"0x7f{rng.getrandbits(40):010x}",
    "amount": lambda rng: f"{rng.random() * 900:.2f}",
    "milliseconds": lambda rng: f"{rng.expovariate(0.02):.1f}",
    "number": lambda rng: str(int(rng.random() * 10_000_000)),
    "small": lambda rng: str(int(rng.random() * 200)),
    "uuid": lambda rng: _dash(rng.getrandbits(128)),
}
ERRORS = (
    ("KeyError", "'«number»'"),
    ("TimeoutError", "no answer within «milliseconds» ms"),
    ("ValueError", "amount «amount» does not match order «number»"),
    ("IntegrityError", "duplicate key value violates unique constraint: id=(«number»)"),
    ("TypeError", "Cannot read properties of undefined (reading 'length')"),
    ("HTTPError", "503 Server Error for url: https://internal.example.com/v2/items/«number»"),
)
VARIABLES = {
    "self": "<acme.orders.service.OrderService object at «address»>",
    "request": "<WSGIRequest: POST '/api/v2/orders/«number»/'>",
    "order_id": "«number»",
    "total": "Decimal('«amount»')",
    "attempt": "«small»",
    "options": {"timeout": "30", "retries": "3", "idempotency_key": "'«uuid»'"},
    "items": ["<Item: «number»>", "<Item: «number»>"],
    "kwargs": {},
}
CRUMBS = (
    ("http", "httplib", None, {"url": "https://internal.example.com/v2/stock/«number»",
     "method": "GET", "status_code": 200, "duration": "«milliseconds»"}),
    ("default", "query", "SELECT id, state, total FROM orders WHERE id = %s AND tenant = %s", None),
    ("default", "query", "UPDATE stock SET held = held + 1 WHERE sku = %s", None),
    ("default", "redis", "GET session:«number»", {"redis.command": "GET"}),
    ("default", "acme.orders", "order «number» taken over by worker «small»", None),
    ("default", "console", "render of <Cart> took «milliseconds» ms", {"logger": "console"}),
    ("default", "ui.click", "body > div#root > main.cart > button.pay[data-id=«number»]", None),
    ("navigation", "navigation", None, {"from": "/cart", "to": "/orders/«number»"}),
    ("http", "fetch", None, {"url": "/api/v2/orders/«number»", "method": "POST",
     "status_code": 202}),
)  # fmt: skip
HEADERS = (
    ("Accept", "application/json, text/plain, */*"),
    ("Accept-Language", "en-GB,en;q=0.8"),
    ("Authorization", "[Filtered]"),
    ("Content-Type", "application/json"),
    ("Host", "shop.example.com"),
    ("Referer", "https://shop.example.com/orders/«number»"),
    ("User-Agent", "«agent»"),
    ("X-Request-Id", "«uuid»"),
)
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


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """An issue: one fault, at one place in the code."""

    number: int
    application: Application
    error: tuple[str, str]
    route: str
    frames: tuple[Function, ...]
    variables: Mapping[int, list[str]]
    crumbs: tuple[Template, ...]

    @classmethod
    def draw(cls, number: int, application: Application, rng: random.Random) -> Group:
        """A group of its own, whose stack begins as others of its application do."""
        frames = application.draw_stack(rng)
        kinds = CRUMBS[:5] if application.platform == "python" else CRUMBS[5:]
        chosen = [at for at, frame in enumerate(frames) if frame.in_app and rng.random() < 0.5]
        return cls(
            number,
            application,
            rng.choice(ERRORS),
            f"/api/v2/{frames[-1].name.replace('_', '/')}/",
            frames,
            {at: rng.sample(list(VARIABLES), draw_skewed(rng, 2, 6)) for at in chosen},
            tuple(Template(_crumb(*rng.choice(kinds))) for _ in range(12)),
        )

    def encode(self, release: int) -> Template:
        """The events of this group in one release: line numbers drift from one to the next."""
        kind, value = self.error
        at_fault = next(f for f in reversed(self.frames) if f.in_app)
        version = f"{self.application.slug}@7.{release}.0"
        tags = self._tags(version)
        shown: list[Json] = [{"key": key, "value": tags[key]} for key in sorted(tags)]
        shown[-1]["query"] = 'user.id:"«user_id»"'
        return Template({
            "id": "«id»",
            "groupID": str(self.number),
            "eventID": "«id»",
            "projectID": self.application.project_id,
            "size": "«json:size»",
            "entries": [
                {"data": {"values": [self._exception(release)], "hasSystemFrames": True,
                          "excOmitted": None}, "type": "exception"},
                {"data": {"values": "«json:crumbs»"}, "type": "breadcrumbs"},
                {"data": self._request(), "type": "request"},
            ],
            "dist": None,
            "message": "",
            "title": f"{kind}: {value}",
            "location": at_fault.filename,
            "user": "«json:user»",
            "contexts": {
                "browser": {"name": "«browser»", "version": "«browser_version»",
                            "type": "browser"},
                "client_os": {"name": "«os»", "version": "«os_version»", "type": "os"},
                "order": {"id": "«number»", "total": "«amount»", "currency": "EUR",
                          "type": "default"},
                "runtime": {"name": "CPython", "version": "3.13.5", "type": "runtime"},
                "trace": {"trace_id": "«trace»", "span_id": "«span»", "parent_span_id": "«parent»",
                          "op": "http.server", "status": "internal_error", "type": "trace"},
            },
            "sdk": {"name": f"sentry.{self.application.platform}", "version": "2.44.0"},
            "context": "«json:extra»",
            "packages": self.application.packages,
            "type": "error",
            "metadata": {"type": kind, "value": value, "filename": at_fault.filename,
                         "function": at_fault.name, "in_app_frame_mix": "mixed"},
            "tags": shown,
            "platform": self.application.platform,
            "dateReceived": "«received»",
            "errors": [],
            "occurrence": None,
            "_meta": {"entries": {}, "message": None, "user": None, "contexts": None, "sdk": None,
                      "context": None, "packages": None, "tags": {}},
            "crashFile": None,
            "culprit": self.route,
            "dateCreated": "«created»",
            "fingerprints": [hashlib.md5(str(self.number).encode()).hexdigest()],
            "groupingConfig": {"enhancements": "KLUv_SAYwQAAkwKRs25ld3N0eWxlOjIwMjMtMDEtMTGQ",
                               "id": "newstyle:2023-01-11"},
        })  # fmt: skip

    def _tags(self, version: str) -> dict[str, str]:
        return {
            "browser": "«browser» «browser_version»", "browser.name": "«browser»",
            "client_os": "«os» «os_version»", "client_os.name": "«os»",
            "environment": "«environment»", "handled": "no", "level": "error",
            "mechanism": self.application.mechanism, "plan": "«plan»",
            "release": version, "runtime": "CPython 3.13.5", "runtime.name": "CPython",
            "server_name": "web-«server»", "transaction": self.route,
            "url": f"https://shop.example.com{self.route}", "user": "id:«user_id»",
        }  # fmt: skip

    def _exception(self, release: int) -> Json:
        kind, value = self.error
        frames = [frame.encode(release) for frame in self.frames]
        for at, names in self.variables.items():
            frames[at]["vars"] = {name: VARIABLES[name] for name in names}
        return {
            "type": kind, "value": value,
            "mechanism": {"type": self.application.mechanism, "handled": False},
            "threadId": None, "module": "builtins",
            "stacktrace": {"frames": frames, "framesOmitted": None, "registers": None,
                           "hasSystemFrames": True},
            "rawStacktrace": None,
        }  # fmt: skip

    def _request(self) -> Json:
        return {
            "apiTarget": None, "method": "POST", "url": f"https://shop.example.com{self.route}",
            "query": [["page", "«small»"]], "fragment": None,
            "data": {"order": "«number»", "total": "«amount»", "note": "[Filtered]"},
            "headers": [list(header) for header in HEADERS], "cookies": [],
            "env": {"SERVER_NAME": "web-«server»", "SERVER_PORT": "8000"},
            "inferredContentType": "application/json",
        }  # fmt: skip


def compact(value: object) -> str:
    """JSON as the API sends it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _crumb(kind: str, category: str, message: str | None, data: Json | None) -> Json:
    return {"type": kind, "timestamp": "«when»", "level": "info", "message": message,
            "category": category, "data": data, "event_id": None}  # fmt: skip


def _dash(bits: int) -> str:
    digits = f"{bits:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
