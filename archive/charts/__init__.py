"""Draw reports as pictures in SVG: bars, columns over time and heat maps.

`STYLE` is part of every picture; a page that forbids styles inside of it can have it elsewhere.
"""

from __future__ import annotations

from archive.charts.bars import draw_bars
from archive.charts.columns import draw_columns
from archive.charts.heatmap import draw_cells
from archive.charts.model import EMPTY, MAX_COLORS, Plot, Point, fit_text, plot_report, show_count
from archive.charts.svg import MARGIN, STYLE, write_legend, write_picture, write_text

__all__ = [
    "EMPTY",
    "MAX_COLORS",
    "STYLE",
    "Plot",
    "Point",
    "draw_svg",
    "fit_text",
    "plot_report",
    "show_count",
]

_TOP = 62
_DRAW = {"bar": draw_bars, "time": draw_columns, "heat": draw_cells}


def draw_svg(plot: Plot) -> str:
    """Draw a plot as a picture that needs nothing else."""
    if not plot.points:
        return write_picture(plot, [write_text(MARGIN, _TOP + 16, EMPTY)], _TOP + 40)
    legend, top = write_legend(plot.list_series(), _TOP) if plot.has_legend() else ([], _TOP)
    marks, bottom = _DRAW[plot.type](plot, top)
    return write_picture(plot, [*legend, *marks], bottom + MARGIN)
