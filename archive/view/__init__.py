"""An event as people read it: what every renderer shows, in its order.

`view_event` makes it from the API's answer. Whatever has no place of its own is in a section, so
that nothing the JSON holds is missing.
"""

from archive.view.event import view_event
from archive.view.model import Crumb, Event, Fact, Frame, Line, Section, Trace

__all__ = ["Crumb", "Event", "Fact", "Frame", "Line", "Section", "Trace", "view_event"]
