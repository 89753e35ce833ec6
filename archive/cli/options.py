"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from archive.api import DEFAULT_PATH, Archive
from archive.cli.output import FORMATS

Verb = TypeVar("Verb", bound=Callable[..., Any])

archive_option = click.option(
    "-a",
    "--archive",
    "path",
    metavar="DIR",
    envvar="EVENT_ARCHIVE",
    help=f"The archive's directory [env: EVENT_ARCHIVE; default: ./{DEFAULT_PATH}].",
)


def with_archive(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb the option -a and the archive it names, which may also stand before the verb."""

    @wraps(function)
    def command(path: str | None, **options: Any) -> Any:
        ctx = click.get_current_context()
        source = ctx.get_parameter_source("path")
        given = path if source is click.core.ParameterSource.COMMANDLINE else None
        with Archive(given or ctx.find_object(str) or path or DEFAULT_PATH) as archive:
            return function(archive, **options)

    return archive_option(command)


def narrow_options(function: Verb) -> Verb:
    """--org and --project of the verbs that look events up."""
    function = click.option("--org", metavar="SLUG", help="Only this organization.")(function)
    return click.option("--project", metavar="SLUG|ID", help="Only this project.")(function)


def output_options(function: Verb) -> Verb:
    """--format and -o of the verbs that give rows."""
    function = click.option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to a file; its ending (.csv, .parquet, …) tells the format.",
    )(function)
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="How to print the rows  [default: table]",
    )(function)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
