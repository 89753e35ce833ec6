"""Options shared by several verbs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archive.api import DEFAULT_PATH, Archive

if TYPE_CHECKING:
    from datetime import datetime

    from archive.query.bounds import Bounds

FORMATS = ("table", "json", "jsonl", "csv", "markdown", "parquet", "arrow")
Verb = TypeVar("Verb", bound=Callable[..., Any])

_BOUND = "query_"  # prefix of the parameters of `query_options`

archive_option = click.option(
    "-a",
    "--archive",
    "path",
    metavar="DIR",
    envvar="EVENT_ARCHIVE",
    help=f"Directory of the archive [env: EVENT_ARCHIVE; default: ./{DEFAULT_PATH}].",
)


def with_archive(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option -a to a verb and pass it the archive; -a may also precede the verb.

    The archive gets the bounds of `query_options`.
    """

    @wraps(function)
    def command(path: str | None, **options: Any) -> Any:
        ctx = click.get_current_context()
        source = ctx.get_parameter_source("path")
        explicit = path if source is click.core.ParameterSource.COMMANDLINE else None
        bounds = _take_bounds(options)
        with Archive(explicit or ctx.find_object(str) or path or DEFAULT_PATH, bounds) as archive:
            return function(archive, **options)

    return archive_option(command)


def _take_bounds(options: dict[str, Any]) -> Bounds | None:
    names = [name for name in options if name.startswith(_BOUND)]
    taken = {name.removeprefix(_BOUND): options.pop(name) for name in names}
    given = {name: value for name, value in taken.items() if value is not None}
    if not given:
        return None
    from archive.query.bounds import Bounds

    return Bounds(**given)


def query_options(function: Verb) -> Verb:
    """Add --timeout, --memory and --max-spill to a verb with queries; goes below `with_archive`."""
    function = click.option(
        "--max-spill",
        f"{_BOUND}max_spill",
        metavar="SIZE",
        help="Disk space for what does not fit in memory [default: 90% of what is free].",
    )(function)
    function = click.option(
        "--memory",
        f"{_BOUND}memory",
        metavar="SIZE",
        help="Memory for a query, such as 500MB [default: 1GB].",
    )(function)
    return click.option(
        "--timeout",
        f"{_BOUND}timeout",
        type=click.FloatRange(0, min_open=True),
        metavar="SECONDS",
        help="Stop a query that takes longer.",
    )(function)


def period_option(function: Verb) -> Verb:
    """Add --stats-period to a verb with --since; `take_since` merges the two."""
    return click.option(
        "--stats-period",
        "stats_period",
        metavar="PERIOD",
        help="Only the last 24h, 30d, 2w, …; the same as --since PERIOD.",
    )(function)


def take_since(since: str | None, stats_period: str | None) -> str | datetime | None:
    """Return --since, or what --stats-period says instead."""
    if stats_period is None:
        return since
    if since is not None:
        raise click.UsageError("--since and --stats-period exclude each other.")
    from archive.query.times import read_period

    return read_period("stats-period", stats_period)


def narrow_options(function: Verb) -> Verb:
    """Add --org and --project to a verb that looks up events."""
    function = click.option(
        "--org", "organization", metavar="SLUG", help="Only this organization."
    )(function)
    return click.option("--project", metavar="SLUG|ID", help="Only this project.")(function)


def output_options(function: Verb) -> Verb:
    """Add --format and -o to a verb that outputs rows."""
    function = click.option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to a file; the format is inferred from its extension (.csv, .parquet, …).",
    )(function)
    return click.option(
        "--format",
        "format_",
        type=click.Choice(FORMATS),
        help="Output format [default: table].",
    )(function)


json_option = click.option("--json", "as_json", is_flag=True, help="Output JSON.")
