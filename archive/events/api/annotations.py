"""`_meta`, moved along to where the API shows the annotated value, with chunks added.

Source: sentry-relay 0.9.1, `meta_with_chunks` (Relay 24.9, relay-event-normalization
`processor/chunks.rs`).
"""

from typing import Any

from archive.events.protocol.meta import find_member


def with_chunks(data: Any, meta: Any) -> Any:
    """Copy a `_meta` node, adding to each annotated text which parts of it were redacted."""
    if type(meta) is not dict:
        return meta
    answer: dict[str, Any] = {}
    for key, node in meta.items():
        if key:
            answer[key] = with_chunks(next(iter(find_member(data, key)), None), node)
        elif type(data) is str and node and node.get("rem"):
            answer[key] = {**node, "chunks": split_chunks(data, node["rem"])}
        else:
            answer[key] = node
    return answer


def split_chunks(text: str, remarks: list[Any]) -> list[dict[str, str]]:
    """Split a text at its remarks' ranges, which count UTF-8 bytes.

    A range outside the text, or through a character, ends the redactions; all after the last one
    is text, even what was already answered as such.
    """
    encoded = text.encode("utf-8", "surrogatepass")
    chunks = []
    position = 0
    for remark in remarks:
        if not _has_range(remark):
            continue
        rule_id, kind, start, end = remark[:4]
        before = _slice(encoded, position, start) if start > position else ""
        redacted = _slice(encoded, start, end)
        if before:
            chunks.append({"type": "text", "text": before})
        if before is None or redacted is None:
            break
        chunks.append({"type": "redaction", "text": redacted, "rule_id": rule_id, "remark": kind})
        position = end
    if position < len(encoded) and (rest := _slice(encoded, position, len(encoded))):
        chunks.append({"type": "text", "text": rest})
    return chunks


def _has_range(remark: Any) -> bool:
    return type(remark) is list and [type(part) for part in remark[:4]] == [str, str, int, int]


def _slice(encoded: bytes, start: int, end: int) -> str | None:
    if not 0 <= start <= end <= len(encoded):
        return None
    try:
        return encoded[start:end].decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
