"""event-archive report: each report is a command, with options generated from its header."""

from __future__ import annotations

from typing import Any

import click

from archive.cli.options import (
    output_options,
    period_option,
    query_options,
    take_since,
    with_archive,
)
from archive.cli.output import write_result
from archive.errors import InvalidParameter, UnknownReport
from archive.query.reports import Parameter, Report, find_report, list_reports


class _Reports(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [report.name for report in list_reports(ctx.params.get("reports"))]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        directory = ctx.params.get("reports")
        try:
            return _make_command(find_report(name, directory), directory)
        except UnknownReport:
            return None


@click.group(cls=_Reports, invoke_without_command=True, subcommand_metavar="[NAME] [OPTIONS]")
@with_archive
@click.option("--reports", metavar="DIR", help="Directory of custom reports; must precede NAME.")
@click.pass_context
def command(ctx: click.Context, archive: Any, reports: str | None) -> None:
    """Run a report; without a NAME, list all reports.

    Reports are SQL files that you can read, copy and change: see `sql/reports/`.

    \b
    Examples:
      event-archive report
      event-archive report top-frames --project checkout-api --since 2026-10-01
      event-archive report top-issues --query "user.email:*@acme.io" --stats-period 30d
      event-archive report tag-values --key browser.name -o browsers.csv
      event-archive report events-over-time --by release --chart
      event-archive report events-over-time --by release --chart -o releases.svg
      event-archive report --reports our-reports/ weekly
    """
    if ctx.invoked_subcommand is None:
        listed = list_reports(reports)
        width = max(len(report.name) for report in listed)
        for report in listed:
            click.echo(f"{report.name:{width}}  {report.description}")
    else:
        ctx.obj = str(archive.path)


def _make_command(report: Report, directory: str | None) -> click.Command:
    @with_archive
    @click.option(
        "--query", metavar="SEARCH", help="Only events that match a search; see docs/search.md."
    )
    @period_option
    @output_options
    @query_options
    @click.option(
        "--chart", is_flag=True, help="Draw a chart; with -o, in an .svg, .html or .png file."
    )
    def run(
        archive: Any,
        query: str | None,
        format_: str | None,
        output: str | None,
        chart: bool,
        stats_period: str | None,
        **values: Any,
    ) -> None:
        if chart and report.chart is None:
            raise InvalidParameter(name="chart", reason=f"the report {report.name} has no chart")
        if stats_period is not None:
            values["since"] = take_since(values.get("since"), stats_period)
        result = archive.report(report.name, directory, query, **values)
        if chart:
            from archive.cli.chart import draw

            draw(report, result, output)
        else:
            write_result(result, format_, output)

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
        [f"--{parameter.name}", parameter.name],
        required=parameter.required,
        show_default=None if parameter.default is None else str(parameter.default),
        metavar={"text": "TEXT", "integer": "N", "timestamp": "DATE"}[parameter.type],
        help=parameter.meaning,
    )
