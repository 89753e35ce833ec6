"""A chart as a PNG, SVG or HTML file, by Altair."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.cli.text import escape_controls, make_plain
from archive.errors import InvalidParameter, MissingExtra

if TYPE_CHECKING:
    from archive.cli.chart import Point
    from archive.query.reports import Chart

KINDS = (".png", ".svg", ".html")
WIDTH = 720
_LESS = "\x01less\x01"  # for < in a page, so that no text of an event ends or begins a script


def save_picture(title: str, chart: Chart, points: Sequence[Point], output: str) -> None:
    """Draw points into a file that needs nothing from anywhere to be looked at.

    Raises MissingExtra, InvalidParameter.
    """
    kind = Path(output).suffix.lower()
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise InvalidParameter(name="output", reason=f"{output}: a chart is a file of {known}")
    try:
        import altair as alt
        import vl_convert  # noqa: F401  what Altair draws files with
    except ImportError as error:
        raise MissingExtra(what="a chart in a file", extra="charts") from error

    rows = [
        {"label": _plain(p.label), "value": float(p.value), "series": _plain(p.series)}
        for p in points
    ]
    if kind == ".html":
        rows = json.loads(json.dumps(rows).replace("<", json.dumps(_LESS)[1:-1]))
    encoding: dict[str, Any] = {
        "tooltip": [alt.Tooltip(f"{name}:N") for name in ("label", "value", "series")]
    }
    if chart.series:
        encoding["color"] = alt.Color("series:N", title=chart.series)
    value, base = chart.value, alt.Chart({"values": rows}, title=title, width=WIDTH)
    if chart.type == "time":
        moment = alt.X("label:T", title=chart.label, scale=alt.Scale(type="utc"))
        bars = base.mark_bar(width=_find_bar_width(points))
        drawn = bars.encode(x=moment, y=alt.Y("value:Q", title=value))
    else:
        name = alt.Y("label:N", title=chart.label, sort=None, axis=alt.Axis(labelLimit=320))
        drawn = base.mark_bar().encode(x=alt.X("value:Q", title=value), y=name)
    path = Path(output)
    staged = path.with_name(f"{path.stem}.part{kind}")
    try:
        if kind == ".html":
            page = drawn.encode(**encoding).to_html(inline=True)
            staged.write_text(page.replace(json.dumps(_LESS)[1:-1], r"\u003c"), "utf-8")
        else:
            drawn.encode(**encoding).save(staged, scale_factor=2)
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


def _find_bar_width(points: Sequence[Point]) -> float:
    """So wide that bars as near to each other as any two do not touch."""
    moments = sorted({point.label for point in points})
    steps = [after - before for before, after in pairwise(moments)]
    slots = (moments[-1] - moments[0]) / min(steps) + 1 if steps else 8
    return max(WIDTH / slots * 0.8, 1)


def _plain(value: object) -> object:
    plain = make_plain(value)
    return escape_controls(plain) if isinstance(plain, str) else plain
