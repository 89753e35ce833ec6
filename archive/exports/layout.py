"""Skip the text between JSON values: headers of HTTP dumps, keys of Kafka messages.

    HTTP/2 200                          42<TAB>{…}
    content-type: application/json      null<TAB>{…}
                                        CreateTime:1700000000000<TAB>42<TAB>{…}
    {…}                                 42:{…}

The keys are those of kafka-console-consumer and kcat, with any common separator.
"""

from __future__ import annotations

import re

from archive.exports.buffer import Buffer, Line

_HEADERS_BYTES = 1 << 16

# The fields before a message, each followed by a tab, or a key and another separator.
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
# The same, or a line that opens a message or an HTTP response.
VALUE_LINE = Line(
    re.compile(rb"\n(?=[ \t]*+[{\[]|(?:%b)?+%b|HTTP/\d)" % (_KEY, _MESSAGE)),
    re.compile(rb"\n[^\n]{0,8192}+\Z"),
)
# A line that opens a value inside an object, where JSON allows none.
LINE_OPENS = re.compile(rb"\n(?=[{\[]|%b%b)" % (_KEY, _MESSAGE))


def skip_key(buffer: Buffer) -> bool:
    """Move past the key of a message; whether there is one."""
    buffer.hold(_HEADERS_BYTES)
    return buffer.skip(_KEYED)


def skip_tombstone(buffer: Buffer) -> bool:
    """Move past a null message and its key; whether there is one."""
    return buffer.skip(_TOMBSTONE)


def skip_headers(buffer: Buffer) -> bool:
    """Move past the headers of an HTTP response or request; whether there are any."""
    buffer.hold(_HEADERS_BYTES)
    return buffer.skip(_HTTP)
