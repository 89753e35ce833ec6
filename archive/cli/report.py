"""event-archive report: each report a command, its options made from the report's header."""

from __future__ import annotations

from typing import Any

import click

from archive.cli.options import format_option, with_archive
from archive.cli.output import write_result
from archive.errors import UnknownReport
from archive.report import Parameter, Report, find_report, list_reports


class _Reports(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [report.name for report in list_reports()]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        try:
            return _make_command(find_report(name))
        except UnknownReport:
            return None


@click.group(cls=_Reports, invoke_without_command=True, subcommand_metavar="[NAME] [OPTIONS]")
@with_archive
@click.pass_context
def command(ctx: click.Context, archive: Any) -> None:
    """Run a named analysis; without a NAME, list them.

    Each is a SQL file to read, copy and change: see `sql/reports/`.

    \b
    Examples:
      event-archive report
      event-archive report top-frames --project checkout-api --since 2026-10-01
      event-archive report tag-values --key browser.name --format csv
    """
    if ctx.invoked_subcommand is None:
        width = max(len(report.name) for report in list_reports())
        for report in list_reports():
            click.echo(f"{report.name:{width}}  {report.description}")
    else:
        ctx.obj = str(archive.path)


def _make_command(report: Report) -> click.Command:
    @with_archive
    @format_option
    def run(archive: Any, form: str, **values: object) -> None:
        write_result(archive.report(report.name, **values), form)

    columns = "\n".join(f"  {name}: {meaning}" for name, meaning in report.columns.items())
    return click.Command(
        report.name,
        callback=run,
        params=[
            *map(_make_option, report.parameters),
            *reversed(getattr(run, "__click_params__", [])),
        ],
        help=f"{report.title}.\n\n{report.description}\n\n\b\nColumns:\n{columns}",
        short_help=report.description,
    )


def _make_option(parameter: Parameter) -> click.Option:
    return click.Option(
        [f"--{parameter.name}"],
        required=parameter.required,
        show_default=None if parameter.default is None else str(parameter.default),
        metavar={"text": "TEXT", "integer": "N", "timestamp": "DATE"}[parameter.type],
        help=parameter.meaning,
    )
