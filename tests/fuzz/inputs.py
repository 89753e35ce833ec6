"""Inputs to try: real ones and odd ones, changed in random places.

A changed byte seldom gets past the parser, and a changed value never upsets it: so exports are
changed as texts, and events as values. Either way an input is small, to be tried in a moment.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable
from random import Random
from typing import Any

import pyarrow as pa

from tests.builders import EXPORTS, SEED, make_event
from tests.events.api.test_serialize_hostile import WHOLE as STORED
from tests.events.ingest.test_normalize_robustness import EVENT as SENT

ID = "8e8379fcff434080b488b56cc4832ced"
ANSWER: dict[str, Any] = json.loads(SEED)
DETAIL: dict[str, Any] = json.loads(min(EXPORTS.glob("event-detail-*")).read_bytes())
FORWARDED: dict[str, Any] = json.loads(
    min(path for path in EXPORTS.glob("s3*/**/*") if path.is_file()).read_bytes()
)
DOWNLOADED: dict[str, Any] = {
    **STORED,
    "datetime": "2024-09-17T12:34:56.789Z",
    "project": 1,
    "tags": [["user", "id:7"], ["release", "1"]],
}
SPLUNK: dict[str, Any] = {
    "time": 1583856533,
    "source": "sentry",
    "index": "main",
    "event": {
        "event_id": ID,
        "issue_id": "7",
        "project_id": "web",
        "message": "m",
        "tags": [["a", "b"]],
        "request_url": "http://a/b?c=d",
        "request_method": "GET",
        "exception_type": "E",
        "exception_value": "v",
        "user_id": "1",
        "stack": [{"filename": "f", "lineno": 1}],
    },
}
API = [ANSWER, DETAIL, FORWARDED, make_event(1), ANSWER["event"]]
STORE = [SENT, STORED, DOWNLOADED, SPLUNK]

_ROW = b"%b,%b,2026-11-20 10:00:00+00\n" % (
    ID.encode(),
    b64encode(
        zlib.compress(b'{"event_id":"%b","message":"m"}\nunprocessed\n{"a":1}' % ID.encode())
    ),
)
_EVENT = b'{"eventID":"%b","entries":[]}' % ID.encode()
PIECES: list[bytes] = [
    *(b'{ } [ ] , : " \\ \n \t 0 -1 1e400 null true NaN Infinity'.split(b" ")),
    *(b' |\r\n|\x1e|\xef\xbb\xbf|\xef\xbb|\x00|\xff\xfe|\\u0000|\\ud83d|\\"|"}]|/*|//'.split(b"|")),
    b'{"a":1}',
    b'{"a":[{"b":"]}"},2]}',
    b'{"a": {\n  "b": [\n    1\n  ]\n}}\n',
    b'[2,"insert",',
    b"unprocessed\n",
    b"<html>",
    b'{"eventID":"%b","entries":[],"tags":null}' % ID.encode(),
    b'{"event_id":"%b","message":"m","platform":"c"}' % ID.encode(),
    b'{"organizationSlug":"o","projectSlug":"p","event":%b}' % _EVENT,
    b'{"latestEvent":%b}' % _EVENT,
    b'{"data":[%b],"hasMore":false}' % _EVENT,
    b'{"type":"RECORD","stream":"events","record":%b}' % _EVENT,
    b'{"project":{"slug":"p"},"group":{"id":"1"},"event":%b}' % _EVENT,
    b'{"project_id":1,"group_id":7,"event_id":"%b","data":{"message":"m"}}' % ID.encode(),
    b'{"time":1,"source":"s","event":{"event_id":"%b","issue_id":1,"project_id":"p"}}'
    % ID.encode(),
    b'{"_time":"1","_raw":"{\\"event_id\\":\\"%b\\",\\"issue_id\\":1,\\"project_id\\":\\"p\\"}"}'
    % ID.encode(),
    b'{"action":"created","data":{"error":{"event_id":"%b","message":"m","url":"/projects/o/p/"}}}'
    % ID.encode(),
    b'{"Messages":[{"Body":"{\\"eventID\\":\\"%b\\",\\"entries\\":[]}"}]}' % ID.encode(),
    b'{"message":{"data":"%b"},"subscription":"s"}' % base64.b64encode(_EVENT),
    b'{"headers":{},"body":"{\\"dsn\\":1}\\n{\\"type\\":\\"event\\"}\\n{\\"message\\":1}"}',
    b'{"log":{"entries":[{"request":{},"response":{"content":{"text":""}}}]}}',
    b'{"issue":{"id":"7","shortId":"P-1","title":"t"},"events":[%b]}' % _EVENT,
    b'{"%b":[%b]}' % (ID.encode(), _EVENT),
    b'{"id":"6","event_id":"%b","mimetype":"t","sha1":"s","name":"n"}' % ID.encode(),
    b'{"event_id":"%b","dsn":"https://k@h/42"}\n' % ID.encode(),
    b'{"type":"event","length":18}\n{"message":"text"}\n',
    b'{"type":"session"}\n{"sid":1}\n',
    b'{"type":"attachment","length":3}\nabc\n',
    b"id,data,timestamp\n",
    _ROW,
    b'"{\\"eventID\\":\\"%b\\"}"\n' % ID.encode(),
    b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n",
    b"CreateTime:1\tkey\t",
    b"key:",
    b"_airbyte_ab_id,_airbyte_data\n",
    b'1,"{""eventID"":""%b""}"\n' % ID.encode(),
    b"COPY nodestore_node (id, data) FROM stdin;\n",
    b"\\.\n",
    b'{"events":[',
]
_NEEDED = {"eventID", "event_id", "event", "organizationSlug", "projectSlug"}
DEEP = '"deep"'  # replaced by something that nests deeply
KEYS = ["", "0", "\ud83d", "_meta", "data", "event", "exception", "formatted", "frames", "id"]
KEYS += ["key", "len", "mechanism", "name", "raw_description", "rem", "sentry:user", "stacktrace"]
KEYS += ["tags", "type", "value", "values"]
TEXTS = ["", "a", "\x00", "\x1b[2J\x07", "\ud83d", "\u2028", "\u0664", "é" * 99, "x" * 9000]
TEXTS += ["%s {} %(a)s", "{{auto}}", '{"a":[1]}', "-1", "0x7f", "1e999", "127.0.0.1", "::1"]
TEXTS += ["9999-12-31T23:59:60Z", "0001-01-01T00:00:00+14:00", "2024-09-17T12:34:56.789Z"]
TEXTS += ["http://[", "http://a:b@c:1/d?e=f#g", "a=b; c=d", "../../x", "' OR 1=1 --"]
TEXTS += ["int f<a>(b) const", "a.b.<lambda>$1"]
NUMBERS = [0, -1, 1, 1.5, -0.0, 1e22, 5e-324, 1 << 31, -(1 << 63), 1 << 64, 10**23, 253402300800]
NUMBERS += [float("inf"), float("nan"), -62135596801, 2e-7, 1583856533.5]


def draw_text(random: Random) -> bytes:
    """A text out of pieces of exports, changed here and there, behind a byte that sizes chunks."""
    text = b"".join(random.choices(PIECES, k=random.randint(1, 8)))
    return bytes([random.randrange(256)]) + _change_bytes(random, text, random.randint(0, 3))


def draw_api_event(random: Random) -> bytes:
    """An event as the API gives it, changed, behind a byte that says in which shape."""
    return bytes([random.randrange(256)]) + _change(random, random.choice(API))


def draw_store_event(random: Random) -> bytes:
    """An event as SDKs send it or Sentry stores it, changed, behind a byte for its shape."""
    return bytes([random.randrange(256)]) + _change(random, random.choice(STORE))


def draw_container(random: Random) -> bytes:
    """Wrapped text, changed in its bytes."""
    data = b"".join(random.choices(PIECES, k=random.randint(0, 4)))
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        data = random.choice(WRAPPINGS)(data)
    return _change_bytes(random, data, random.choice((0, 1, 1, 2, 8)))


def _zstd(data: bytes) -> bytes:
    compressed: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return compressed


def _zip(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("../../x.json", data)
        bundle.writestr("b.json", data)
    return file.getvalue()


def _tar(data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as bundle:
        info = tarfile.TarInfo("../../x.json")
        info.size = len(data)
        bundle.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        bundle.addfile(link)
    return file.getvalue()


WRAPPINGS: list[Callable[[bytes], bytes]] = [
    gzip.compress,
    bz2.compress,
    lzma.compress,
    _zstd,
    _zip,
    _tar,
    lambda data: gzip.compress(data) + gzip.compress(data) + b"\0" * 8,
    lambda data: b"\x50\x2a\x4d\x18\x02\0\0\0ab" + _zstd(data),
]


def _change(random: Random, event: dict[str, Any]) -> bytes:
    """The JSON of some members of an event, with other values in some places."""
    changed = json.loads(json.dumps(_select(random, event)))
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        _change_value(random, changed)
    text = json.dumps(changed, ensure_ascii=random.random() < 0.7)
    text = text.replace(DEEP, _nest(random.choice((30, 200, 900, 1100))))
    data = text.encode(errors="surrogatepass")
    return _change_bytes(random, data, random.randint(1, 2)) if random.random() < 0.1 else data


def _select(random: Random, event: dict[str, Any]) -> dict[str, Any]:
    """Some members of an event, and what makes it one."""
    kept = {*_NEEDED, *random.choices(list(event), k=random.randint(1, 4))}
    members = {key: value for key, value in event.items() if key in kept}
    if isinstance(inner := members.get("event"), dict):
        members["event"] = _select(random, inner)
    return members


def _change_value(random: Random, holder: Any) -> None:
    """Change a value somewhere inside, put one in, or take one out."""
    while True:
        places = list(holder) if isinstance(holder, dict) else range(len(holder))
        key = random.choice(places) if places else None
        inner = holder[key] if places else None
        if not isinstance(inner, dict | list) or random.random() < 0.2:
            break
        holder = inner
    action = random.randrange(5)
    if key is None or action == 0:
        if isinstance(holder, dict):
            holder[random.choice(KEYS)] = _draw_value(random)
        else:
            holder.insert(random.randint(0, len(holder)), _draw_value(random))
    elif action == 1:
        del holder[key]
    elif action == 2:
        holder[key] = random.choice(([inner], {random.choice(KEYS): inner}, [inner, inner]))
    else:
        holder[key] = _draw_value(random)


def _draw_value(random: Random, depth: int = 0) -> Any:
    kind = random.randrange(8 if depth < 3 else 5)
    if kind == 0:
        return random.choice((None, True, False))
    if kind == 1:
        return random.choice(NUMBERS)
    if kind < 5:
        return random.choice(TEXTS)
    size = range(random.randrange(4))
    if kind == 5:
        return [_draw_value(random, depth + 1) for _ in size]
    if kind == 6:
        return {random.choice(KEYS): _draw_value(random, depth + 1) for _ in size}
    return random.choice(("deep", [], {}))


def _nest(depth: int) -> str:
    return '{"values":[' * (depth // 2) + "]}" * (depth // 2)


def _change_bytes(random: Random, data: bytes, changes: int) -> bytes:
    text = bytearray(data)
    for _ in range(changes if text else 0):
        at, size = random.randrange(len(text)), random.choice((0, 0, 1, 1, 2, 16))
        action = random.randrange(5)
        if action == 0:
            text[at] ^= 1 << random.randrange(8)
        elif action == 1:
            del text[at : at + (size if random.random() < 0.7 else len(text))]
        elif action == 2:
            text[at : at + size] = random.choice(PIECES)
        elif action == 3:
            text[at:at] = text[at : at + 4 * size]
        else:
            text[at : at + 1] = random.randbytes(1)
        if not text:
            break
    return bytes(text)
