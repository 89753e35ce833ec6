"""The parts of a picture in SVG: its style, texts, marks, legend and frame."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

from archive.charts.model import MAX_COLORS, OTHER, Plot, Point, cut_middle, fit_text, show_count

WIDTH = 720
MARGIN = 16
LINE = 18
_MIN_NAME = 32
_ALL_NAMES = 90
_LIGHT = [
    "#2f6db5", "#e0762c", "#2f9461", "#c43d59", "#8259c2",
    "#a8860b", "#1c98ab", "#cf62a0", "#a3acb5",
]  # fmt: skip
_DARK = [
    "#6aa5f5", "#f2a25c", "#57c288", "#f27589", "#b393f2",
    "#dcbb4b", "#48c5d8", "#ee96c7", "#667079",
]  # fmt: skip


def _write_style(paper: str, ink: str, dim: str, grid: str, colors: Sequence[str]) -> str:
    return "".join(
        f".chart {selector}{{{rule}}}"
        for selector, rule in (
            (".paper", f"fill:{paper}"),
            ("text", f"fill:{ink}"),
            (".dim", f"fill:{dim}"),
            (".grid", f"stroke:{grid}"),
            *((f".c{at}", f"fill:{color}") for at, color in enumerate(colors)),
        )
    )


STYLE = (
    ".chart{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif}"
    ".chart .title{font-size:16px;font-weight:600}"
    + _write_style("#ffffff", "#1f2328", "#59636e", "#e1e5ea", _LIGHT)
    + "@media (prefers-color-scheme:dark){"
    + _write_style("#14171c", "#e8ebef", "#a2abb5", "#313841", _DARK)
    + "}"
)


def write_text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    """Write a text; `kind` is title or dim (less important)."""
    kind = f' class="{kind}"' if kind else ""
    anchor = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{kind}{anchor}>{escape(text)}</text>'


def write_mark(
    area: tuple[float, float, float, float], point: Point, color: int, opacity: float = 1
) -> str:
    """Write the mark of a point, with what it shows as attributes and as a tooltip."""
    x, y, width, height = area
    said = ", ".join(part for part in (point.label, point.series) if part)
    opaque = "" if opacity == 1 else f' fill-opacity="{opacity:.2f}"'
    return (
        f'<rect x="{x:.1f}" y="{y:.2f}" width="{max(width, 0):.2f}" height="{max(height, 0):.2f}"'
        f' class="c{color}"{opaque} data-label="{escape(point.label)}"'
        f' data-series="{escape(point.series)}" data-value="{point.value!r}">'
        f"<title>{escape(said)}: {show_count(point.value)}</title></rect>"
    )


def write_line(x1: float, y1: float, x2: float, y2: float) -> str:
    """Write a line of the grid."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="grid"/>'


def write_legend(names: Sequence[str], top: float) -> tuple[list[str], float]:
    """Write the colors of series, and return where the legend ends."""
    length = max(_MIN_NAME, _ALL_NAMES // len(names))
    shown = [cut_middle(name, length) for name in names[:MAX_COLORS]]
    if len(names) > MAX_COLORS:
        shown.append(f"{OTHER} ({len(names) - MAX_COLORS})")
    parts: list[str] = []
    x: float = MARGIN
    for color, name in enumerate(shown):
        width = 16 + measure(name) + 16
        if x + width > WIDTH and x > MARGIN:
            x, top = MARGIN, top + LINE
        parts.append(
            f'<rect x="{x:.1f}" y="{top + 4:.1f}" width="10" height="10" rx="2" class="c{color}"/>'
        )
        parts.append(write_text(x + 16, top + 13, name))
        x += width
    return parts, top + LINE + 8


def write_picture(plot: Plot, parts: Iterable[str], height: float) -> str:
    """Write a whole picture, with its title and subtitle."""
    title, subtitle = escape(plot.title), escape(plot.subtitle)
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" '
            f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" '
            f'aria-label="{title}: {subtitle}"><title>{title}: {subtitle}</title>'
            f'<style>{STYLE}</style><rect width="100%" height="100%" class="paper"/>',
            write_text(MARGIN, 28, fit(plot.title, WIDTH - 2 * MARGIN, 16), "title"),
            write_text(MARGIN, 46, fit(plot.subtitle, WIDTH - 2 * MARGIN), "dim"),
            *parts,
            "</svg>\n",
        )
    )


def measure(text: str, size: float = 12) -> float:
    """Estimate the width of a text, rather too wide than too narrow."""
    return sum(map(_measure_character, text)) * size


def fit(text: str, room: float, size: float = 12) -> str:
    """Cut a text so that it fits a width."""
    return fit_text(text, room, lambda part: measure(part, size))


def _measure_character(character: str) -> float:
    if character in "ijltfrI.,:;|!'()[]{} /-·":
        return 0.36
    if character in "mwMW@%…" or character.isupper():
        return 0.8
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    return 0.0 if unicodedata.combining(character) else 0.6
