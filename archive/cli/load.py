"""event-archive load"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from archive.api import Archive
from archive.cli.options import json_option, with_archive
from archive.cli.progress import Show, show_progress
from archive.cli.text import dump_json, format_exactness, format_kinds
from archive.errors import ExitCode
from archive.exports.limits import Limits
from archive.text import escape_controls

if TYPE_CHECKING:
    from archive.load import LoadReport, Progress

REJECTS_SHOWN = 20
_LIMITS = {
    "event_bytes": ("--max-event-size", "BYTES", "Reject larger records"),
    "ratio": ("--max-ratio", "N", "Maximum decompression ratio"),
    "members": ("--max-members", "N", "Maximum files in the zips and tars of a source"),
    "rejects": ("--max-source-rejects", "N", "Maximum rejects per 10 MB of a source"),
    "seconds": ("--max-seconds", "N", "Maximum CPU seconds per 100 MB of a source"),
}


def limit_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options for limits, which become one argument."""

    @wraps(command)
    def with_limits(archive: Archive, **options: Any) -> int:
        limits = Limits(**{name: options.pop(name) for name in _LIMITS})
        return command(archive, limits=limits, **options)

    for name, (option, unit, text) in reversed(_LIMITS.items()):
        default = getattr(Limits(), name)
        add = click.option(
            option,
            name,
            type=click.IntRange(1),
            default=default,
            metavar=unit,
            help=f"{text} [default: {default}].",
        )
        with_limits = add(with_limits)
    return with_limits


@click.command()
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@with_archive
@click.option(
    "--org", "organization", metavar="SLUG", help="Organization slug for events without one."
)
@click.option("--project", metavar="SLUG", help="Project slug for events without one.")
@click.option(
    "--project-map",
    metavar="FILE",
    help="Map of project IDs to slugs: the response of /organizations/ORG/projects/ "
    "or a `sentry export` file.",
)
@click.option("--strict", is_flag=True, help="Abort at the first invalid record.")
@click.option(
    "--max-rejects", type=click.IntRange(0), metavar="N", help="Abort after N invalid records."
)
@limit_options
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Number of worker processes [default: one per core].",
)
@click.option(
    "--force",
    is_flag=True,
    help="Read sources even if already loaded; allow --project for several projects.",
)
@click.option(
    "--shared",
    is_flag=True,
    help="Let other users read a new archive, as the umask permits [default: only you].",
)
@click.option(
    "--follow-links",
    is_flag=True,
    help="Follow links that lead out of a directory.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Read and count records without storing them.")
@json_option
def command(
    archive: Archive,
    sources: tuple[str, ...],
    strict: bool,
    max_rejects: int | None,
    workers: int | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Load exports into the archive.

    SOURCE is a file, a directory (searched recursively), a glob, or - for stdin. It contains JSON
    objects, arrays or NDJSON, optionally inside gzip, zstd, bzip2, xz, zip or tar. Formats are
    detected from content; file names are ignored. Lists of projects, issues, attachments and user
    feedback are stored too; other records are skipped and counted. Invalid records are saved in
    `rejects/` and the rest is loaded (exit code 3). Loading the same source again changes nothing.

    \b
    Examples:
      event-archive load exports/
      event-archive load --org acme --project-map projects.json events-*.json.gz
      event-archive load --org acme --project-map projects.json
      aws s3 cp s3://bucket/dump.ndjson.zst - | event-archive load -
      event-archive load --dry-run --json exports/
    """
    if not sources and not options["project_map"]:
        raise click.UsageError("Missing argument 'SOURCE...'.")
    with show_progress() as show:
        report = archive.load(
            *sources,
            max_rejects=0 if strict else max_rejects,
            workers=workers or os.cpu_count() or 1,
            progress=_show(show),
            **options,
        )
    if as_json:
        rejects = report.rejects and str(report.rejects)
        click.echo(dump_json({**asdict(report), "rejects": rejects}))
    else:
        _summarize(archive, report, options["dry_run"])
    return ExitCode.REJECTS if report.rejected else ExitCode.OK


def _show(show: Show | None) -> Callable[[Progress], None] | None:
    if show is None:
        return None
    return lambda p: show("committing" if p.committing else "loading", p.done, p.total)


def _summarize(archive: Archive, report: LoadReport, dry_run: bool) -> None:
    def say(text: str) -> None:
        click.echo(escape_controls(text), err=True)

    others = {"learned": report.learned, "skipped": report.skipped}
    if report.known_sources:
        say(f"{report.known_sources:,} of {report.sources:,} sources were already loaded")
    if report.known_rejects:
        say(f"{report.known_rejects:,} of these had rejects; use --force to read them again")
    for kind, count in report.ignored.items():
        say(f"ignored: {kind} ({count:,})")
    would = "would be " if dry_run else ""
    counts = [
        f"{report.stored:,} {would}stored",
        f"{report.updated:,} updated",
        f"{report.duplicate:,} duplicate",
        *(f"{sum(kinds.values()):,} {outcome}" for outcome, kinds in others.items() if kinds),
        f"{report.rejected:,} rejected",
    ]
    say(f"{report.read:,} records read: {', '.join(counts)}")
    for outcome, kinds in others.items():
        if kinds:
            say(f"{outcome} {format_kinds(kinds)}")
    if answers := format_exactness(report.exactness):
        say(f"answers: {answers}")
    if report.exactness.without_organization:
        say("use --org to set the organization slug of events without one")
    if report.exactness.without_project:
        say("use --project-map FILE to set project slugs, or --project if there is one project")
    for reject in report.reject_samples[:REJECTS_SHOWN]:
        say(f"rejected {reject.place}: {reject.reason}")
    if report.rejected > REJECTS_SHOWN:
        say(f"rejected {report.rejected - REJECTS_SHOWN:,} more")
    if report.rejects:
        saved = archive.path / "rejects" / report.rejects.name
        say(f"rejected records saved to {saved}")
