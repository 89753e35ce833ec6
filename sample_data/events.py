"""Build events from the catalogue, in the shapes the API gives them.

Every event has its own random generator, seeded with its issue and number, so that it is the same
on every machine, and adding an issue changes no other.
"""

from __future__ import annotations

import hashlib
import json
import random
import uuid
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from string import Template
from typing import Any

from issues import BROWSERS, ISSUES, PEOPLE, PHONES, PROJECTS, THREADS, VOUCHERS, Frame, Issue

Json = dict[str, Any]

CODE_ROOT = {
    "python": ("/srv/shop/", "/usr/local/lib/python3.13/site-packages/"),
    "javascript": ("webpack://storefront/", "webpack://storefront/"),
    "cocoa": ("/Users/ci/interstellar/", ""),
}
IMAGE = {
    "type": "macho",
    "code_file": "/private/var/containers/Bundle/Application/Interstellar.app/Interstellar",
    "debug_id": "c0ffee00-1dea-3bad-8fee-d0d0cafe0042",
    "image_addr": "0x100000000",
    "image_size": 7340032,
}
NO_SOURCE = {
    "type": "js_no_source",
    "message": "Source code was not found",
    "data": {"url": "https://shop.example.com/assets/vendor.js"},
}
SIMPLE_KEYS = (
    "id", "event.type", "groupID", "eventID", "projectID", "message", "title", "location",
    "culprit", "user", "tags", "platform", "dateCreated", "crashFile", "metadata",
)  # fmt: skip


def compact(value: object) -> str:
    """JSON as the API sends it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fill(text: str, values: Mapping[str, str]) -> str:
    return Template(text).safe_substitute(values)


def iso(moment: datetime) -> str:
    text = moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- stacks ----------------------------------------------------------------------------------


def source_context(frame: Frame) -> list[list[Any]]:
    """The snippet's lines, numbered from the one that failed (`>`)."""
    lines = [line.strip() for line in frame.source.splitlines() if line.strip()]
    failed = next((n for n, line in enumerate(lines) if line.startswith(">")), 0)
    return [[(frame.lineno or 0) - failed + n, line[2:]] for n, line in enumerate(lines)]


def frame_json(frame: Frame, platform: str, values: Mapping[str, str]) -> Json:
    module = None
    if platform == "python":
        module = frame.filename.removesuffix(".py").replace("/", ".")
    elif platform == "javascript":
        module = frame.filename.removeprefix("./").rpartition(".")[0]
    address = zlib.crc32(f"{frame.package}{frame.function}".encode()) if frame.package else None
    return {
        "filename": frame.filename or None,
        "absPath": CODE_ROOT[platform][not frame.in_app] + frame.filename or None,
        "module": module,
        "package": frame.package,
        "platform": None,
        "instructionAddr": address and f"0x{0x100000000 + address:012x}",
        "symbolAddr": address and f"0x{0x100000000 + (address & ~0xFF):012x}",
        "function": frame.function or None,
        "rawFunction": None,
        "symbol": None,
        "context": source_context(frame),
        "lineNo": frame.lineno,
        "colNo": frame.colno,
        "inApp": frame.in_app,
        "trust": None,
        "errors": None,
        "lock": None,
        "sourceLink": None,
        "vars": {k: fill(v, values) for k, v in frame.variables.items()} or None,
    }


def stacktrace(frames: Iterable[Frame], platform: str, values: Mapping[str, str]) -> Json | None:
    shown = [frame_json(frame, platform, values) for frame in frames]
    if not shown:
        return None
    in_app = any(frame["inApp"] for frame in shown)
    return {"frames": shown, "framesOmitted": None, "registers": None, "hasSystemFrames": in_app}


def exceptions(issue: Issue, platform: str, values: Mapping[str, str]) -> Json:
    shown = []
    for depth, failure in zip(range(len(issue.chain))[::-1], issue.chain, strict=True):
        mechanism: Json = {"type": issue.mechanism, "handled": issue.handled}
        if depth:
            source = "__cause__" if platform == "python" else "cause"
            mechanism = {"type": "chained", "source": source, "exception_id": depth,
                         "parent_id": depth - 1}  # fmt: skip
        elif len(issue.chain) > 1:
            mechanism["exception_id"] = 0
        elif issue.mechanism == "mach":
            mechanism["meta"] = {"signal": {"number": 5, "code": 0, "name": "SIGTRAP"}}
        shown.append({
            "type": failure.type,
            "value": fill(failure.value, values),
            "mechanism": mechanism,
            "threadId": 0 if platform == "cocoa" else None,
            "module": failure.module,
            "stacktrace": stacktrace(failure.frames, platform, values),
            "rawStacktrace": None,
        })  # fmt: skip
    in_app = any(frame.in_app for failure in issue.chain for frame in failure.frames)
    return {"values": shown, "hasSystemFrames": in_app, "excOmitted": None}


def threads(crashed: bool) -> Json:
    """The first thread's stack is the exception's, so it is not repeated."""
    return {"values": [
        {"id": n, "current": n == 0, "crashed": crashed and n == 0, "name": name or None,
         "state": None, "heldLocks": None, "stacktrace": stacktrace(frames, "cocoa", {}),
         "rawStacktrace": None}
        for n, (name, frames) in enumerate(THREADS)
    ]}  # fmt: skip


# --- surroundings ----------------------------------------------------------------------------


def breadcrumbs(issue: Issue, values: Mapping[str, str], when: datetime) -> Json:
    shown = []
    for n, (category, text) in enumerate(issue.crumbs):
        http = category in {"httplib", "fetch"}
        shown.append({
            "type": "http" if http else "default",
            "timestamp": iso(when - timedelta(milliseconds=730 * (len(issue.crumbs) - n))),
            "level": "warning" if category == "console" else "info",
            "message": None if http else fill(text, values),
            "category": category,
            "data": {"url": fill(text, values), "status_code": 200} if http else None,
            "event_id": None,
        })  # fmt: skip
    return {"values": shown}


def request(issue: Issue, host: str, agent: str, values: Mapping[str, str]) -> Json:
    headers = [["Accept-Language", "tlh, en;q=0.7"], ["User-Agent", agent]]
    body = None
    if host.startswith("api"):
        headers.insert(1, ["Authorization", "[Filtered]"])
    if issue.method == "POST":
        headers.insert(2, ["Content-Type", "application/json"])
        body = dict(values)
    return {
        "apiTarget": None,
        "method": issue.method,
        "url": f"https://{host}{issue.transaction.replace(':planet', 'neptune')}",
        "query": [["utm_source", "voyager"]] if issue.method == "GET" else [],
        "fragment": None,
        "data": body,
        "headers": headers,
        "cookies": [],
        "env": {"SERVER_NAME": host} if host.startswith("api") else None,
        "inferredContentType": "application/json" if body is not None else None,
    }


def person(rng: random.Random) -> Json:
    """A few people meet most of the bugs."""
    n = int(len(PEOPLE) * rng.random() ** 2)
    name = PEOPLE[n]
    username = "".join(letter for letter in name.lower() if letter.isalpha())
    network = ("192.0.2", "198.51.100", "203.0.113")[n % 3]
    return {
        "id": str(1001 + n),
        "email": f"{username}@example.com",
        "username": username,
        "ip_address": f"{network}.{10 + n}",
        "name": name,
        "geo": None,
        "data": None,
    }


def surroundings(platform: str, task: bool, rng: random.Random) -> tuple[Json, dict[str, str], str]:
    """Contexts, the tags derived from them, and the user agent."""
    trace = {"trace_id": f"{rng.getrandbits(128):032x}", "span_id": f"{rng.getrandbits(64):016x}"}
    contexts: Json = {}
    if platform == "cocoa":
        model, version = rng.choices(PHONES, (5, 3, 2))[0]
        contexts = {
            "app": {"app_name": "Interstellar", "app_identifier": "com.example.interstellar"},
            "culture": {"locale": "en_MARS", "timezone": "Etc/GMT+12"},
            "device": {"family": "iPhone", "model": model, "free_memory": rng.randrange(2**31),
                       "battery_level": rng.randrange(100), "simulator": False},
            "os": {"name": "iOS", "version": version, "rooted": False},
        }  # fmt: skip
        tags = {"device": model, "device.family": "iPhone", "os": f"iOS {version}",
                "os.name": "iOS", "os.rooted": "no"}  # fmt: skip
        op, agent = "ui.load", f"Interstellar/7.3 iOS/{version}"
    else:
        name, version, system, release = rng.choices(BROWSERS, (40, 25, 20, 14, 1))[0]
        agent = f"Mozilla/5.0 ({system} {release}) {name.replace(' ', '')}/{version}"
        contexts = {"browser": {"name": name, "version": version}}
        system_key = "client_os" if platform == "python" else "os"
        contexts[system_key] = {"name": system, "version": release}
        tags = {"browser": f"{name} {version}", "browser.name": name,
                system_key: f"{system} {release}", f"{system_key}.name": system}  # fmt: skip
        op = "http.server" if platform == "python" else "pageload"
    if platform == "python":
        if task:
            contexts, tags, op = {}, {}, "queue.process"
        contexts["runtime"] = {"name": "CPython", "version": "3.13.5", "build": "3.13.5 (main)"}
        server = ("worker-" if task else "web-") + rng.choice(("callisto", "europa", "io"))
        tags |= {"runtime": "CPython 3.13.5", "runtime.name": "CPython", "server_name": server}
    contexts["trace"] = {**trace, "op": op, "status": "internal_error"}
    known = {"app", "device", "runtime", "browser", "os", "trace"}
    typed = {alias: {**contexts[alias], "type": alias if alias in known else "default"}
             for alias in sorted(contexts)}  # fmt: skip
    if "client_os" in typed:
        typed["client_os"]["type"] = "os"
    return typed, tags, agent


# --- events ----------------------------------------------------------------------------------


def event_json(issue: Issue, number: int, when: datetime) -> Json:
    """One event as EventSerializer emits it, keys in its order."""
    rng = random.Random(f"{issue.group}/{number}")
    project = PROJECTS[issue.project]
    event_id = uuid.UUID(int=rng.getrandbits(128), version=4).hex
    values = issue.variants[rng.randrange(len(issue.variants))]
    released = [v for v, since in project.releases if day(since) + timedelta(hours=9) <= when]
    lagging = project.platform == "cocoa" and len(released) > 1 and rng.random() < 0.3
    release = released[-2 if lagging else -1]
    dist = release.rpartition("+")[2] if "+" in release else None
    task = project.platform == "python" and not issue.transaction.startswith("/")
    contexts, tags, agent = surroundings(project.platform, task, rng)
    user = None if task else person(rng)

    message = fill(issue.message, values)
    entries: list[Json] = []
    if message:
        names = Template(issue.message).get_identifiers()
        pattern = fill(issue.message, dict.fromkeys(names, "%s"))
        params = [values[name] for name in names]
        data = {"message": pattern, "formatted": message, "params": params}
        entries.append({"data": data, "type": "message"})
    if issue.chain:
        data = exceptions(issue, project.platform, values)
        entries.append({"data": data, "type": "exception"})
    if issue.stack:
        stack = stacktrace(issue.stack, project.platform, values)
        entries.append({"data": stack, "type": "stacktrace"})
    if project.platform == "cocoa":
        entries.append({"data": threads(not issue.handled), "type": "threads"})
    entries.append({"data": breadcrumbs(issue, values, when), "type": "breadcrumbs"})
    meta_entries: Json = {}
    if project.platform != "cocoa" and not task:
        host = "api.example.com" if project.platform == "python" else "shop.example.com"
        asked = request(issue, host, agent, values)
        if asked["headers"][1][0] == "Authorization":
            meta_entries = {str(len(entries)): {"data": {"": None, "apiTarget": None,
                "method": None, "url": None, "query": None, "data": None,
                "headers": {"1": {"1": {"": {
                    "rem": [["@password:filter", "s", 0, 10]], "len": 71,
                    "chunks": [{"type": "redaction", "text": "[Filtered]",
                                "rule_id": "@password:filter", "remark": "s"}]}}}},
                "cookies": None, "env": None}}}  # fmt: skip
        entries.append({"data": asked, "type": "request"})
        tags["url"] = asked["url"]
    if project.platform == "cocoa":
        entries.append({"data": {"images": [IMAGE]}, "type": "debugmeta"})

    tags |= {"level": issue.level, "release": release, "transaction": issue.transaction}
    tags["environment"] = project.staging if rng.random() < 0.12 else "production"
    if user:
        tags["user"] = f"id:{user['id']}"
    if dist:
        tags["dist"] = dist
    if issue.logger:
        tags["logger"] = issue.logger
    if issue.mechanism:
        tags |= {"handled": "yes" if issue.handled else "no", "mechanism": issue.mechanism}
    if issue.group == VOUCHERS and number == 3:
        tags["gift_note"] = ""
    shown_tags: list[Json] = [{"key": key, "value": tags[key]} for key in sorted(tags)]
    for tag in shown_tags:
        if tag["key"] == "user":
            tag["query"] = f'user.id:"{tag["value"][3:]}"'
    meta_tags: Json = {}
    if issue.group == VOUCHERS and number == 7:  # a card number, removed by data scrubbing
        shown_tags = sorted([*shown_tags, {"key": "gift_note", "value": None}],
                            key=lambda tag: str(tag["key"]))  # fmt: skip
        place = next(n for n, tag in enumerate(shown_tags) if tag["key"] == "gift_note")
        meta_tags = {str(place): {"value": {"": {"rem": [["@creditcard", "x"]], "len": 19}}}}

    title, location, metadata = headline(issue, message, values)
    event: Json = {
        "id": event_id,
        "groupID": str(issue.group),
        "eventID": event_id,
        "projectID": project.id,
        "size": 0,
        "entries": entries,
        "dist": dist,
        "message": message,
        "title": title,
        "location": location,
        "user": user,
        "contexts": contexts,
        "sdk": {"name": project.sdk[0], "version": project.sdk[1]},
        "context": dict(issue.odd.get(number, {})),
        "packages": {"django": "5.2.7", "requests": "2.32.5"} if tags.get("runtime") else {},
        "type": "error" if issue.chain else "default",
        "metadata": metadata,
        "tags": shown_tags,
        "platform": project.platform,
        "dateReceived": iso(when + timedelta(microseconds=rng.randrange(90_000, 2_500_000))),
        "errors": [NO_SOURCE] if project.platform == "javascript" and rng.random() < 0.1 else [],
        "occurrence": None,
        "_meta": {"entries": meta_entries, "message": None, "user": None, "contexts": None,
                  "sdk": None, "context": None, "packages": None, "tags": meta_tags},
        "crashFile": None,
        "culprit": issue.transaction,
        "dateCreated": iso(when),
        "fingerprints": [hashlib.md5(str(issue.group).encode()).hexdigest()],
        "groupingConfig": {"enhancements": "KLUv_SAYwQAAkwKRs25ld3N0eWxlOjIwMjMtMDEtMTGQ",
                           "id": "newstyle:2023-01-11"},
    }  # fmt: skip
    event["size"] = len(compact(event))
    return event


def headline(
    issue: Issue, message: str, values: Mapping[str, str]
) -> tuple[str, str | None, dict[str, str]]:
    """Title, location and metadata, as they are derived from the last exception."""
    if not issue.chain:
        return message, None, {"title": message}
    failure = issue.chain[-1]
    value = fill(failure.value, values)
    metadata = {"type": failure.type, "value": value}
    if failure.frames:
        inner = [frame for frame in failure.frames if frame.in_app][-1]
        metadata |= {"filename": inner.filename, "function": inner.function}
        mixed = any(not frame.in_app for frame in failure.frames)
        metadata["in_app_frame_mix"] = "mixed" if mixed else "in-app-only"
    title = f"{failure.type}: {value[:100]}"
    return title, metadata.get("filename"), dict(sorted(metadata.items()))


def simple_json(event: Json) -> Json:
    """The same event as a row of an event list (SimpleEventSerializer)."""
    prefixed = {"release", "dist", "user"}
    tags = sorted((tag for tag in event["tags"] if tag["value"] is not None),
                  key=lambda tag: "sentry:" * (tag["key"] in prefixed) + tag["key"])  # fmt: skip
    row = {"id": event["id"], "event.type": event["type"], **event, "tags": tags}
    return {key: row[key] for key in SIMPLE_KEYS}


def detail_json(event: Json, before: Json, after: Json) -> Json:
    """The same event as the event detail endpoint shows it."""
    release = next(tag["value"] for tag in event["tags"] if tag["key"] == "release")
    package, _, version = release.partition("@")
    name = event["user"]["name"]
    reported = datetime.fromisoformat(event["dateCreated"]) + timedelta(minutes=4)
    return event | {
        "release": {
            "id": 98114, "commitCount": 7, "data": {}, "dateCreated": "2026-11-16T08:41:12Z",
            "dateReleased": "2026-11-16T09:00:00Z", "deployCount": 1, "ref": "main",
            "lastCommit": None, "lastDeploy": None, "status": "open", "url": None,
            "userAgent": None, "version": release,
            "versionInfo": {"package": package, "version": {"raw": version},
                            "description": version, "buildHash": None},
        },
        "userReport": {
            "id": "777", "eventID": event["eventID"], "name": name,
            "email": event["user"]["email"], "dateCreated": iso(reported), "user": None,
            "comments": "I pressed Pay eleven times. Please tell me I own ONE telescope.",
            "event": {"id": event["id"], "eventID": event["eventID"]},
        },
        "sdkUpdates": [],
        "resolvedWith": [],
        "nextEventID": after["eventID"],
        "previousEventID": before["eventID"],
    }  # fmt: skip


def all_events() -> list[tuple[Issue, Json]]:
    events = []
    for issue in ISSUES:
        moments = []
        for burst in issue.bursts:
            start, span = day(burst.start), day(burst.end) - day(burst.start)
            rng = random.Random(f"{issue.group}/{burst.start}")
            for n in range(burst.count):
                moment = start + span * ((n + rng.random()) / burst.count)
                moments.append(moment.replace(microsecond=moment.microsecond // 1000 * 1000))
        events += [(issue, event_json(issue, n, when)) for n, when in enumerate(moments)]
    return events
