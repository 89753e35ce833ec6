"""Tags (Relay 24.9, protocol/tags.rs)."""

from archive.events.protocol.containers import pairs
from archive.events.protocol.mode import converted
from archive.events.protocol.scalars import TEXT, lenient, without

TAG_KEY = converted(lenient(TEXT), lambda key, meta: key.replace(" ", "-").strip())
TAG_VALUE = without("\n", converted(lenient(TEXT), lambda text, meta: text.strip()))
TAGS = pairs(TAG_KEY, TAG_VALUE)
