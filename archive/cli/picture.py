"""A chart as a PNG, SVG or HTML file, by Altair."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archive.cli.text import escape_controls, make_plain
from archive.errors import InvalidParameter, MissingPackage

if TYPE_CHECKING:
    from archive.cli.chart import Point
    from archive.report import Chart

KINDS = (".png", ".svg", ".html")
WIDTH = 720


def save_picture(title: str, chart: Chart, points: Sequence[Point], output: str) -> None:
    """Draw points into a file that needs nothing from anywhere to be looked at.

    Raises MissingPackage, InvalidParameter.
    """
    kind = Path(output).suffix.lower()
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise InvalidParameter(name="output", reason=f"{output}: a chart is a file of {known}")
    try:
        import altair as alt
        import vl_convert  # noqa: F401  what Altair draws files with
    except ImportError as error:
        raise MissingPackage(what="a chart in a file", extra="charts") from error

    rows = [
        {"label": _plain(p.label), "value": float(p.value), "series": _plain(p.series)}
        for p in points
    ]
    value = alt.Axis(title=chart.value)
    encoding = {"tooltip": [alt.Tooltip(f"{name}:N") for name in ("label", "value", "series")]}
    if chart.series:
        encoding["color"] = alt.Color("series:N", title=chart.series)
    base = alt.Chart(alt.Data(values=rows), title=title, width=WIDTH)
    if chart.kind == "time":
        moment = alt.X("label:T", title=chart.label, scale=alt.Scale(type="utc"))
        drawn = base.mark_line(point=True).encode(x=moment, y=alt.Y("value:Q", axis=value))
    else:
        name = alt.Y("label:N", title=chart.label, sort=None, axis=alt.Axis(labelLimit=320))
        drawn = base.mark_bar().encode(x=alt.X("value:Q", axis=value), y=name)
    path = Path(output)
    staged = path.with_name(f"{path.stem}.part{kind}")
    try:
        options = {"inline": True} if kind == ".html" else {"scale_factor": 2}
        drawn.encode(**encoding).save(staged, **options)
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


def _plain(value: object) -> object:
    plain = make_plain(value)
    return escape_controls(plain) if isinstance(plain, str) else plain
