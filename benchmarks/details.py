"""Data that programs attach to events: variables, contexts, tags, request bodies.

Every function, application and group has keys of its own, as in reality: tools that infer one
schema for all events have to cope with them.
"""

from __future__ import annotations

import random
from typing import Any

Json = dict[str, Any]

_words = str.split
NOUNS = _words(
    "account address basket batch carrier cart catalog charge claim coupon currency customer "
    "delivery dispute export feed gateway import invoice item label ledger message offer order "
    "parcel payment payout price product quote rate receipt refund report return session "
    "shipment stock tax tenant ticket token vendor voucher warehouse"
)
ENDINGS = ("", "", "_id", "_ids", "_at", "_count", "_state", "_by_id", "_options", "_key")
SECRET = ("token", "session", "account")  # what the server scrubs out of variables
FILTERED = "[Filtered]"
LEAVES = (
    "«number»", "«number»", "'«uuid»'", "Decimal('«amount»')", "«json:small»", "«json:number»",
    "«json:truth»", None, None, "'waiting for the carrier'", "<Item: «number»>", "",
    "<acme.orders.models.Order object at «address»>", "datetime.date(2026, 10, «digit»)",
)  # fmt: skip
CONTEXTS: dict[str, Json] = {
    "app": {"app_start_time": "2026-10-0«digit»T08:00:00Z", "app_name": "shop", "in_foreground":
            "«json:truth»", "app_memory": "«json:number»", "view_names": ["Cart", "Checkout"]},
    "celery-job": {"task_name": "orders.tasks.settle", "args": ["«number»"], "kwargs": {}},
    "cloud_resource": {"cloud.provider": "aws", "cloud.region": "eu-west-1", "host.id": "«uuid»"},
    "culture": {"calendar": "GregorianCalendar", "locale": "en-NZ", "timezone": "Pacific/Auckland"},
    "device": {"family": "Desktop", "model": "PC", "arch": "x86_64", "memory_size": "«json:number»",
               "free_memory": "«json:number»", "charging": "«json:truth»", "battery_level": None},
    "flags": {"values": [{"flag": "new-checkout", "result": "«json:truth»"},
                         {"flag": "fast-search", "result": False}]},
    "gpu": {"name": "ANGLE (Apple)", "vendor_name": "Google Inc.", "memory_size": None},
    "profile": {"profiler_id": "«uuid»"},
    "response": {"status_code": 500, "body_size": "«json:number»",
                 "headers": [["Content-Type", "application/json"]]},
    "state": {"state": {"type": "redux", "value": {"cart": {"items": [], "total": "«amount»"},
              "route": {"name": "checkout", "params": {"id": "«number»"}}}}},
}  # fmt: skip
TAGS = {
    "app.version": "7.«digit»", "availability_zone": "eu-west-1a", "cache.hit": "«truth»",
    "celery_task_id": "«uuid»", "customer.tier": "«plan»", "datacenter": "ams«digit»",
    "deployment": "blue", "feature.checkout": "new", "git.branch": "main",
    "http.status_code": "500", "kubernetes.node": "node-«small»", "kubernetes.pod": "web-«small»",
    "locale": "en_NZ",
    "partner": "p«digit»", "payment.provider": "acme-pay", "plan": "«plan»", "queue": "default",
    "region": "oceania", "request_id": "«uuid»", "retry": "«digit»", "shard": "«small»",
    "store": "s«digit»", "team": "orders", "tenant": "t«small»", "warehouse": "w«digit»",
}  # fmt: skip


def draw_name(rng: random.Random) -> str:
    """A name as programs have them."""
    return rng.choice(NOUNS) + rng.choice(ENDINGS)


def draw_members(rng: random.Random, most: int, depth: int = 2) -> Json:
    """An object with keys of its own, nested now and then."""
    return {draw_name(rng): draw_value(rng, depth) for _ in range(rng.randint(2, most))}


def draw_value(rng: random.Random, depth: int) -> Any:
    """What a member holds: mostly text, now and then null, a list or an object."""
    kind = rng.random()
    if depth and kind < 0.12:
        return draw_members(rng, 4, depth - 1)
    if depth and kind < 0.2:
        return [draw_value(rng, 0) for _ in range(rng.randrange(4))]
    return rng.choice(LEAVES)


def scrub(members: Json) -> Json:
    """Filter values with the name of a secret in place; return their `_meta`."""
    meta = {}
    for name in members:
        if name.startswith(SECRET):
            members[name] = FILTERED
            remark = {"len": 36, "rem": [["@password:filter", "s", 0, 10]]}
            meta[name] = {"": remark}
    return meta
