"""Options shared by several verbs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from archive.api import DEFAULT_PATH, Archive

FORMATS = ("table", "json", "jsonl", "csv", "markdown", "parquet", "arrow")
Verb = TypeVar("Verb", bound=Callable[..., Any])

archive_option = click.option(
    "-a",
    "--archive",
    "path",
    metavar="DIR",
    envvar="EVENT_ARCHIVE",
    help=f"Directory of the archive [env: EVENT_ARCHIVE; default: ./{DEFAULT_PATH}].",
)


def with_archive(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option -a to a verb and pass it the archive; -a may also precede the verb."""

    @wraps(function)
    def command(path: str | None, **options: Any) -> Any:
        ctx = click.get_current_context()
        source = ctx.get_parameter_source("path")
        explicit = path if source is click.core.ParameterSource.COMMANDLINE else None
        with Archive(explicit or ctx.find_object(str) or path or DEFAULT_PATH) as archive:
            return function(archive, **options)

    return archive_option(command)


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
