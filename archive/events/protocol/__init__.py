"""The schema of an event's interfaces, one table per interface, read in two modes.

Each table names a field's type, limits, skip rule and aliases on one line, as Relay's
relay-event-schema does. `archive.events.ingest` reads what an SDK sent; `renormalize` reads what
Sentry stored.
"""

from archive.events.protocol.renormalize import renormalize

__all__ = ["renormalize"]
