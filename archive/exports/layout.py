"""What exports have between their JSON values: headers of HTTP dumps, keys of Kafka messages.

    HTTP/2 200                          42<TAB>{…}
    content-type: application/json      null<TAB>{…}
                                        CreateTime:1700000000000<TAB>42<TAB>{…}
    {…}                                 42:{…}

The keys are those of kafka-console-consumer and kcat, with the separators that people choose.
"""

from __future__ import annotations

import re

from archive.exports.buffer import Buffer, Line

_HEADERS_BYTES = 1 << 16

# The fields before a message, each behind which a tab follows, or a key and another separator.
_FIELD = rb'(?:[^\t\n"{}\[\]]{0,512}+|"[^"\\\n]{0,512}+")\t'
_KEY = rb'(?:(?:%b){1,6}+|[^\s"{}\[\],:|;=]{1,512}+[,:|;=])' % _FIELD
_MESSAGE = rb'(?=\{[ \t\r\n]{0,64}+["}]|\[[ \t]{0,64}+[\[{\d]|"(?:\\[nrt]| ){0,64}+(?:\\")?+[{\[])'
_KEYED = re.compile(_KEY + _MESSAGE)
_TOMBSTONE = re.compile(rb"(?:%b){1,6}+null\r?(?:\n|\Z)" % _FIELD)

# The first line of a response or request, the headers, and the line that ends them.
_HTTP_LINE = rb"(?:HTTP/\d[.\d]{0,2} \d{3}\b|[A-Z]{3,7} \S{1,8192} HTTP/\d)[^\n]*+(?:\n|\Z)"
_HTTP = re.compile(_HTTP_LINE + rb"(?::?[^\s:]++:[^\n]*+(?:\n|\Z))*+(?:\r?\n|\Z)")

# A line that opens an object or an array.
OBJECT_LINE = Line(re.compile(rb"\n(?=[ \t]*+[{\[])"), re.compile(rb"\n[ \t]{0,256}+\Z"))
# The same, or one that opens a message, or what has a body that may.
VALUE_LINE = Line(
    re.compile(rb"\n(?=[ \t]*+[{\[]|(?:%b)?+%b|HTTP/\d)" % (_KEY, _MESSAGE)),
    re.compile(rb"\n[^\n]{0,8192}+\Z"),
)
# A line that opens a value inside an object, where JSON allows none.
LINE_OPENS = re.compile(rb"\n(?=[{\[]|%b%b)" % (_KEY, _MESSAGE))


def skip_key(buffer: Buffer) -> bool:
    """Move from the key of a message to the message; whether there is one."""
    buffer.hold(_HEADERS_BYTES)
    key = _KEYED.match(buffer.text, buffer.at)
    buffer.at = key.end() if key else buffer.at
    return key is not None


def skip_tombstone(buffer: Buffer) -> bool:
    """Move over a message that is null, with its key; whether there is one."""
    tombstone = _TOMBSTONE.match(buffer.text, buffer.at)
    buffer.at = tombstone.end() if tombstone else buffer.at
    return tombstone is not None


def skip_headers(buffer: Buffer) -> bool:
    """Move from the first line of an HTTP response or request to its body; whether there is one."""
    buffer.hold(_HEADERS_BYTES)
    headers = _HTTP.match(buffer.text, buffer.at)
    buffer.at = headers.end() if headers else buffer.at
    return headers is not None
