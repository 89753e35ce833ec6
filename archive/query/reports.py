"""Reports: SQL files whose comments describe them.

-- title: Top in-app frames
-- description: One sentence.
-- param: key text -- A parameter without a default is required.
-- param: frames integer = 5 -- A parameter with a default, which may be null.
-- params: since until project release limit=50
-- column: function -- The function.
-- chart: bar function events
-- example: key=environment since=2026-10-01

`params` lists common parameters, optionally with another default. A chart is `bar LABEL VALUE` or
`time TIME VALUE`, each the name of a column; `by COLUMN` splits it into series. A heat map of the
values of several columns is `heat LABEL COLUMN COLUMN …`. docs/reports.md shows the report with the
values of its example.
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import InvalidParameter, InvalidReport, UnknownReport
from archive.query.times import read_time
from archive.tables.sql import find_sql

if TYPE_CHECKING:
    from archive.query.database import Database, Result

_HEADER = re.compile(r"-- (title|description|params?|column|chart|example): (.+)")
_CHART = re.compile(r"(bar|time) (\w+) (\w+)(?: by (\w+))?|heat (\w+)((?: \w+)+)")
_PARAMETER = re.compile(r"(\w+) (text|integer|timestamp)(?: = (\S+))? -- (.+)")
_RESERVED = ("name", "reports", "query", "stats_period", "format", "output", "chart")
_COMMON = {
    "since": (
        "timestamp",
        "null",
        "Only events at or after this time: a date, or 30d for the last 30 days.",
    ),
    "until": ("timestamp", "null", "Only events before this time."),
    "project": ("text", "null", "Only this project (slug or ID)."),
    "release": ("text", "null", "Only this release."),
    "limit": ("integer", "20", "Maximum number of rows."),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a report; `type` is text, integer or timestamp."""

    name: str
    type: str
    required: bool
    default: str | int | None
    meaning: str

    def parse(self, value: object) -> object:
        """Convert a value to the parameter's type. Raises InvalidParameter."""
        if self.type == "timestamp":
            return read_time(self.name, value)
        try:
            return _parse_count(value) if self.type == "integer" else str(value)
        except ValueError as error:
            raise InvalidParameter(name=self.name, reason=str(error)) from error


@dataclass(frozen=True, slots=True)
class Chart:
    """How to draw a report: `type` is bar, time or heat, the others are names of columns."""

    type: str
    label: str
    values: tuple[str, ...]
    series: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """A report as its file describes it."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    columns: dict[str, str]
    chart: Chart | None
    example: dict[str, str]
    query: str


def list_reports(directory: str | Path | None = None) -> list[Report]:
    """List all reports by name; those in the directory replace built-in ones.

    Raises InvalidReport.
    """
    return [_read_report(path) for _, path in sorted(_find_files(directory).items())]


def find_report(name: str, directory: str | Path | None = None) -> Report:
    """Find a report by name. Raises UnknownReport, InvalidReport."""
    files = _find_files(directory)
    if name not in files:
        raise UnknownReport(name=name, known=", ".join(sorted(files)))
    return _read_report(files[name])


def _find_files(directory: str | Path | None) -> dict[str, Path]:
    files = {path.stem: path for path in (find_sql() / "reports").glob("*.sql")}
    if directory is not None:
        if not Path(directory).is_dir():
            raise InvalidReport(path=directory, reason="no such directory")
        files |= {path.stem: path for path in Path(directory).glob("*.sql")}
    return files


def _read_report(path: Path) -> Report:
    try:
        return _parse_report(path.stem, path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidReport(path=path, reason=str(error)) from error


def _parse_report(name: str, query: str) -> Report:
    header: dict[str, list[str]] = defaultdict(list)
    parameters: list[Parameter] = []
    for key, value in _HEADER.findall(query):
        header[key].append(value)
        if key == "param":
            parameters.append(_parse_parameter(value))
        elif key == "params":
            parameters += map(_parse_common, value.split())
    if not header["title"]:
        raise ValueError("there is no line `-- title: …`")
    columns = dict(map(_parse_column, header["column"]))
    return Report(
        name=name,
        title=" ".join(header["title"]),
        description=" ".join(header["description"]),
        parameters=tuple(parameters),
        columns=columns,
        chart=_parse_chart(header["chart"][0], columns) if header["chart"] else None,
        example=dict(pair.partition("=")[::2] for pair in shlex.split(" ".join(header["example"]))),
        query=query,
    )


def run_report(
    database: Database,
    name: str,
    values: Mapping[str, object],
    directory: str | Path | None = None,
) -> Result:
    """Run a report with the given values of parameters.

    Raises UnknownReport, InvalidReport, InvalidParameter, InvalidQuery, DamagedArchive.
    """
    report = find_report(name, directory)
    known = {parameter.name: parameter for parameter in report.parameters}
    for given in values:
        if given not in known:
            reason = f"the parameters of {name} are: {', '.join(known) or 'none'}"
            raise InvalidParameter(name=given, reason=reason)
    bound: dict[str, Any] = {}
    for parameter in report.parameters:
        value = values.get(parameter.name)
        if value is None and parameter.required:
            raise InvalidParameter(name=parameter.name, reason=f"missing: {parameter.meaning}")
        bound[parameter.name] = parameter.default if value is None else parameter.parse(value)
    return database.run(report.query, bound)


def _parse_parameter(text: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    if match is None:
        raise ValueError(f"not a parameter: {text}")
    name, type_, default, meaning = match.groups()
    if name in _RESERVED:
        raise ValueError(f"not a name for a parameter: {name}; `report` has one of this name")
    value = None if default in (None, "null") else int(default) if type_ == "integer" else default
    return Parameter(name, type_, default is None, value, meaning)


def _parse_common(text: str) -> Parameter:
    name, _, default = text.partition("=")
    if name not in _COMMON:
        raise ValueError(f"not a common parameter: {name}; they are {', '.join(_COMMON)}")
    type_, usual, meaning = _COMMON[name]
    return _parse_parameter(f"{name} {type_} = {default or usual} -- {meaning}")


def _parse_column(text: str) -> tuple[str, str]:
    name, separator, meaning = text.partition(" -- ")
    if not separator:
        raise ValueError(f"not a column: {text}")
    return name, meaning


def _parse_chart(text: str, columns: Mapping[str, str]) -> Chart:
    match = _CHART.fullmatch(text)
    if match is None:
        raise ValueError(f"not a chart: {text}")
    type_, label, value, series, *heat = match.groups()
    chart = (
        Chart(type_, label, (value,), series)
        if type_
        else Chart("heat", heat[0], tuple(heat[1].split()), None)
    )
    for column in (chart.label, *chart.values, chart.series):
        if column is not None and column not in columns:
            raise ValueError(f"chart: there is no column {column}")
    return chart


def _parse_count(value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"expected a non-negative integer, got {text!r}")
    return int(text)
