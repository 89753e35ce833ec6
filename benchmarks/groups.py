"""Groups: what all events of one issue have in common, encoded once, with slots for the rest."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from details import FILTERED, Json, scrub
from stacks import Application, Function, draw_skewed

ERRORS = (
    ("KeyError", "'«number»'"),
    ("TimeoutError", "no answer within «milliseconds» ms"),
    ("ValueError", "amount «amount» does not match order «number»"),
    ("IntegrityError", "duplicate key value violates unique constraint: id=(«number»)"),
    ("TypeError", "Cannot read properties of undefined (reading 'length')"),
    ("HTTPError", "503 Server Error for url: https://internal.example.com/v2/items/«number»"),
)
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
    ("Authorization", FILTERED),
    ("Content-Type", "application/json"),
    ("Host", "shop.example.com"),
    ("Referer", "https://shop.example.com/orders/«number»"),
    ("User-Agent", "«agent»"),
    ("X-Request-Id", "«uuid»"),
)
CHAIN = (0.85, 0.97)  # how many have one exception, and how many at most two
SILENT = 0.08  # share of groups that are log messages, without an exception


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """An issue: one fault, at one place in the code.

    variables: of some of the frames. crumbs, extra: what its events are made of one by one.
    """

    number: int
    application: Application
    errors: tuple[tuple[str, str], ...]
    frames: tuple[Function, ...]
    variables: Mapping[int, Json]
    contexts: Json
    body: Json
    tags: Mapping[str, str]
    crumbs: tuple[Json, ...] = ()
    extra: Json = field(default_factory=dict)

    @classmethod
    def draw(cls, number: int, application: Application, rng: random.Random) -> Group:
        """A group of its own, whose stack begins as others of its application do."""
        frames = application.draw_stack(rng)
        kinds = CRUMBS[:5] if application.platform == "python" else CRUMBS[5:]
        chosen = [at for at, frame in enumerate(frames) if frame.in_app and rng.random() < 0.5]
        length = 1 + sum(rng.random() > share for share in CHAIN)
        own = rng.sample(sorted(application.tags), draw_skewed(rng, 2, 6))
        return cls(
            number,
            application,
            () if rng.random() < SILENT else tuple(rng.choice(ERRORS) for _ in range(length)),
            frames,
            {at: frames[at].draw_variables() for at in chosen},
            {name: known for name, known in application.contexts.items() if rng.random() < 0.7},
            rng.choice(application.bodies),
            {name: application.tags[name] for name in own},
            tuple(_crumb(*rng.choice(kinds)) for _ in range(12)),
            rng.choice(application.extras),
        )

    @classmethod
    def draw_small(cls, number: int, application: Application, rng: random.Random) -> Group:
        """A group of small events: one frame or none."""
        frames = application.draw_stack(rng)[-1:]
        errors = (rng.choice(ERRORS),) if rng.random() < 0.5 else ()
        return cls(number, application, errors, frames, {}, {}, {}, {})

    @property
    def route(self) -> str:
        return f"/api/v2/{self.frames[-1].name.replace('_', '/')}/"

    @property
    def is_small(self) -> bool:
        return not self.crumbs

    def describe(self, release: int) -> Json:
        """An event as it is stored, in one release: line numbers drift from one to the next."""
        kind, value = self.errors[-1] if self.errors else ("Message", "order «number» is late")
        at_fault = next(frame for frame in reversed(self.frames) if frame.in_app)
        application = self.application
        meta: Json = {}
        event: Json = {
            "event_id": "«id»", "project": int(application.project_id),
            "platform": application.platform, "timestamp": "«json:created_epoch»",
            "received": "«json:received_epoch»", "type": "error" if self.errors else "default",
            "level": "error" if self.errors else "warning", "culprit": self.route,
            "location": at_fault.filename,
            "sdk": {"name": f"sentry.{application.platform}", "version": "2.44.0"},
            "hashes": [hashlib.md5(str(self.number).encode()).hexdigest()],
            "grouping_config": {"id": "newstyle:2023-01-11"},
            "tags": [[key, value] for key, value in self._tags(release).items()],
        }  # fmt: skip
        if self.errors:
            event["title"] = f"{kind}: {value}"
            event["metadata"] = {"type": kind, "value": value, "filename": at_fault.filename,
                                 "function": at_fault.name}  # fmt: skip
            event["exception"] = self._exceptions(release, meta)
        else:
            event["title"] = value
            event["metadata"] = {"title": value}
            event["logentry"] = {"message": "order %s is late", "formatted": value,
                                 "params": ["«number»"]}  # fmt: skip
        if not self.is_small:
            event |= self._surroundings(meta)
            event["_meta"] = meta
        return event

    def _surroundings(self, meta: Json) -> Json:
        """What stands around an error in an event of some size."""
        return {
            "breadcrumbs": {"values": "«json:crumbs»"},
            "request": self._request(meta),
            "user": "«json:user»",
            "contexts": {
                "browser": {"name": "«browser»", "version": "«browser_version»",
                            "type": "browser"},
                "client_os": {"name": "«os»", "version": "«os_version»", "type": "os"},
                "runtime": {"name": "CPython", "version": "3.13.5", "type": "runtime"},
                "trace": {"trace_id": "«trace»", "span_id": "«span»", "parent_span_id": "«parent»",
                          "op": "http.server", "status": "internal_error", "type": "trace"},
                **self.contexts,
            },
            "extra": "«json:extra»",
            "modules": self.application.packages,
        }  # fmt: skip

    def _tags(self, release: int) -> dict[str, str]:
        version = f"{self.application.slug}@7.{release}.0"
        known = {"environment": "«environment»", "release": version, "server_name": "web-«server»"}
        if self.is_small:
            return {**known, "level": "error" if self.errors else "warning"}
        return {
            "browser": "«browser» «browser_version»", "browser.name": "«browser»",
            "client_os": "«os» «os_version»", "client_os.name": "«os»", **known, "handled": "no",
            "level": "error" if self.errors else "warning",
            "mechanism": self.application.mechanism,
            "runtime": "CPython 3.13.5", "runtime.name": "CPython", "transaction": self.route,
            "url": f"https://shop.example.com{self.route}", "user": "id:«user_id»", **self.tags,
        }  # fmt: skip

    def _exceptions(self, release: int, meta: Json) -> Json:
        """The chain, of which each but the last has failed deeper in the stack."""
        values, remarks = [], {}
        for at, (kind, value) in enumerate(self.errors):
            begin = 0 if at == len(self.errors) - 1 else len(self.frames) // 2
            frames, noted = self._stack(release, begin)
            stacks: Json = {"stacktrace": {"frames": frames}}
            if self.application.minified:
                stacks["raw_stacktrace"] = {"frames": [_minify(frame) for frame in frames]}
            values.append({
                "type": kind, "value": value, "module": "builtins", **stacks,
                "mechanism": {"type": self.application.mechanism, "handled": False},
            })  # fmt: skip
            if noted:
                remarks[str(at)] = {"stacktrace": {"frames": noted}}
        if remarks:
            meta["exception"] = {"values": remarks}
        return {"values": values}

    def _stack(self, release: int, begin: int) -> tuple[list[Json], Json]:
        """Frames from one on, and what has been scrubbed out of their variables."""
        frames, noted = [], {}
        for at, function in enumerate(self.frames[begin:]):
            frame = function.encode(release, with_source=not self.is_small)
            if begin + at in self.variables:
                frame["vars"] = dict(self.variables[begin + at])
                if remarks := scrub(frame["vars"]):
                    noted[str(at)] = {"vars": remarks}
            frames.append(frame)
        return frames, noted

    def _request(self, meta: Json) -> Json:
        body = dict(self.body)
        if remarks := scrub(body):
            meta["request"] = {"data": remarks}
        return {
            "method": "POST", "url": f"https://shop.example.com{self.route}",
            "query_string": [["page", "«small»"]], "data": body,
            "headers": [list(header) for header in HEADERS],
            "env": {"SERVER_NAME": "web-«server»", "SERVER_PORT": "8000"},
            "inferred_content_type": "application/json",
        }  # fmt: skip


def _minify(frame: Json) -> Json:
    place = {"filename": "/static/app.min.js", "abs_path": "https://shop.example.com/app.min.js"}
    return {**place, "function": "t", "lineno": 1, "colno": 7 * frame["lineno"], "in_app": True}


def _crumb(kind: str, category: str, message: str | None, data: Json | None) -> Json:
    known: dict[str, Any] = {"message": message, "data": data}
    return {"type": kind, "timestamp": "«json:when»", "level": "info", "category": category,
            **{name: value for name, value in known.items() if value is not None}}  # fmt: skip
