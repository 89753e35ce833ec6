"""Named analyses: one SQL file each, its header says what it is, takes and gives.

-- title: Top in-app frames
-- description: One sentence.
-- param: since timestamp = null -- Only events at or after this moment.
-- param: key text -- A parameter without a default must be given.
-- column: function -- The function.
-- chart: bar function events
-- example: key=environment since=2026-10-01

A chart is `bar LABEL VALUE` or `time TIME VALUE`, of columns, with `by COLUMN` for its series;
an example's values are those that docs/reports.md shows the report with.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import InvalidParameter, InvalidReport, UnknownReport
from archive.query.views import find_sql

if TYPE_CHECKING:
    from archive.query.database import Database, Result

_HEADER = re.compile(r"-- (title|description|param|column|chart|example): (.+)")
_CHART = re.compile(r"(bar|time) (\w+) (\w+)(?: by (\w+))?")
_PARAMETER = re.compile(r"(\w+) (text|integer|timestamp)(?: = (\S+))? -- (.+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a report takes: `type` is text, integer or timestamp; a default of null is None."""

    name: str
    type: str
    required: bool
    default: str | int | None
    meaning: str

    def read(self, value: object) -> object:
        """A value as the query takes it. Raises InvalidParameter."""
        readers = {"timestamp": _read_moment, "integer": _read_count}
        try:
            return readers.get(self.type, str)(value)
        except ValueError as error:
            raise InvalidParameter(name=self.name, reason=str(error)) from error


@dataclass(frozen=True, slots=True)
class Chart:
    """How a report is drawn: `kind` is bar or time, the others are columns of it."""

    kind: str
    label: str
    value: str
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
    """All reports, by name; those of the directory go before built-in ones of the same name.

    Raises InvalidReport.
    """
    return [read_report(path) for _, path in sorted(_find_files(directory).items())]


def find_report(name: str, directory: str | Path | None = None) -> Report:
    """A report by its name. Raises UnknownReport, InvalidReport."""
    files = _find_files(directory)
    if name not in files:
        raise UnknownReport(name=name, known=", ".join(sorted(files)))
    return read_report(files[name])


def _find_files(directory: str | Path | None) -> dict[str, Path]:
    files = {path.stem: path for path in (find_sql() / "reports").glob("*.sql")}
    if directory is not None:
        if not Path(directory).is_dir():
            raise InvalidReport(path=directory, reason="no such directory")
        files |= {path.stem: path for path in Path(directory).glob("*.sql")}
    return files


def read_report(path: Path) -> Report:
    """A report from its file. Raises InvalidReport."""
    try:
        return _parse(path.stem, path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidReport(path=path, reason=str(error)) from error


def _parse(name: str, query: str) -> Report:
    said: dict[str, list[str]] = {
        key: [] for key in ("title", "description", "param", "column", "chart", "example")
    }
    for key, value in _HEADER.findall(query):
        said[key].append(value)
    if not said["title"]:
        raise ValueError("there is no line `-- title: …`")
    columns = dict(map(_read_column, said["column"]))
    return Report(
        name=name,
        title=" ".join(said["title"]),
        description=" ".join(said["description"]),
        parameters=tuple(map(_read_parameter, said["param"])),
        columns=columns,
        chart=_read_chart(said["chart"][0], columns) if said["chart"] else None,
        example=dict(pair.partition("=")[::2] for pair in shlex.split(" ".join(said["example"]))),
        query=query,
    )


def run_report(
    database: Database,
    name: str,
    values: Mapping[str, object],
    directory: str | Path | None = None,
) -> Result:
    """Run a report, its parameters bound.

    Raises UnknownReport, InvalidReport, InvalidParameter, InvalidQuery, DamagedArchive.
    """
    report = find_report(name, directory)
    known = {parameter.name: parameter for parameter in report.parameters}
    for given in values:
        if given not in known:
            takes = ", ".join(known) or "none"
            raise InvalidParameter(name=given, reason=f"{name} takes: {takes}")
    bound: dict[str, Any] = {}
    for parameter in report.parameters:
        value = values.get(parameter.name)
        if value is None and parameter.required:
            raise InvalidParameter(name=parameter.name, reason=f"missing: {parameter.meaning}")
        bound[parameter.name] = parameter.default if value is None else parameter.read(value)
    return database.run(report.query, bound)


def _read_parameter(text: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    if match is None:
        raise ValueError(f"not a parameter: {text}")
    name, kind, default, meaning = match.groups()
    value = None if default in (None, "null") else int(default) if kind == "integer" else default
    return Parameter(name, kind, default is None, value, meaning)


def _read_column(text: str) -> tuple[str, str]:
    name, separator, meaning = text.partition(" -- ")
    if not separator:
        raise ValueError(f"not a column: {text}")
    return name, meaning


def _read_chart(text: str, columns: Mapping[str, str]) -> Chart:
    match = _CHART.fullmatch(text)
    if match is None:
        raise ValueError(f"not a chart: {text}")
    chart = Chart(*match.groups())
    for column in (chart.label, chart.value, chart.series):
        if column is not None and column not in columns:
            raise ValueError(f"chart: there is no column {column}")
    return chart


def _read_moment(value: object) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        hint = "write it as 2026-11-01 or 2026-11-01T08:30:00Z"
        raise ValueError(f"invalid date {str(value)!r}; {hint}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_count(value: object) -> int:
    try:
        count = int(str(value))
    except ValueError:
        count = -1
    if count < 0:
        raise ValueError(f"{str(value)!r} is no whole number of 0 or more")
    return count
