"""All errors that this package raises on purpose, as one tree.

    ArchiveError                 1
    ├── EventNotFound            1   404
    │   ├── IssueNotFound        1   404
    │   └── ShortIdNotFound      1   404
    ├── UsageError               2   400
    │   ├── InvalidEventId       2   400
    │   │   └── InvalidLink      2   400
    │   ├── NoEventIds           2   400
    │   ├── SourceNotFound       2   400
    │   ├── NoArchive            2   503
    │   ├── NotAnArchive         2   400
    │   ├── InvalidProjectMap    2   400
    │   ├── SeveralProjects      2   400
    │   ├── InvalidQuery         2   400
    │   │   └── NotAllowed       2   400
    │   ├── InvalidSearch        2   400
    │   │   └── UnknownSearchKey 2   400
    │   ├── UnknownReport        2   404
    │   ├── InvalidReport        2   400
    │   ├── InvalidParameter     2   400
    │   ├── MissingExtra         2   400
    │   ├── InvalidTokens        2   400
    │   ├── UnauthenticatedServer 2  400
    │   └── AddressUnavailable   2   400
    ├── TooManyRejects           3   422
    ├── DamagedArchive           4   500
    │   ├── NewerArchive         4   500
    │   └── OlderArchive         4   500
    ├── ArchiveLocked            5   503
    ├── StorageFailed            6   500
    ├── WorkerDied               6   500
    ├── QueryStopped             6   503
    └── OtherVersion             6   500

Each class has its message template, the exit code of the command line and the HTTP status.
"""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from typing import Any


class ExitCode(IntEnum):
    """Exit codes of the command line; they are part of the public interface."""

    OK = 0
    PROBLEMS = 1
    USAGE = 2
    REJECTS = 3
    DAMAGED = 4
    LOCKED = 5
    STORAGE = 6
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS = {
    ExitCode.OK: "success",
    ExitCode.PROBLEMS: "something was not found, `verify` found problems, or `repair` lost data",
    ExitCode.USAGE: "usage error: an invalid option, event ID or query, or a missing file",
    ExitCode.REJECTS: "some records were rejected (see `rejects/`), or aborted the load",
    ExitCode.DAMAGED: "the archive is damaged, or a newer version wrote it",
    ExitCode.LOCKED: "another process is writing to the archive",
    ExitCode.STORAGE: "I/O error, disk full, out of memory, or a query over its limits",
    ExitCode.BUG: "a bug; please report it with the traceback that EVENT_ARCHIVE_DEBUG=1 prints",
    ExitCode.INTERRUPTED: "interrupted (SIGINT)",
    ExitCode.TERMINATED: "terminated (SIGTERM)",
}


class ArchiveError(Exception):
    """Base class of all errors that this package raises on purpose."""

    template = "{message}"
    exit_code = ExitCode.PROBLEMS
    http_status = 500

    def __init__(self, **fields: object) -> None:
        super().__init__(self.template.format(**fields))
        self.fields = fields

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by fields: worker processes send errors to their parent."""
        return partial(type(self), **self.fields), ()


class EventNotFound(ArchiveError):
    """No event has this ID; the message is Sentry's own (api/exceptions.py)."""

    template = "The requested resource does not exist"
    exit_code = ExitCode.PROBLEMS
    http_status = 404


class IssueNotFound(EventNotFound):
    """No event of this issue is in the archive."""

    template = "no event of issue {issue} in this archive"


class ShortIdNotFound(EventNotFound):
    template = (
        "no event of issue {issue} in this archive; "
        "short IDs are only known from exported lists of issues: load one that contains it"
    )


class UsageError(ArchiveError):
    """The caller passed something invalid."""

    exit_code = ExitCode.USAGE
    http_status = 400


class InvalidEventId(UsageError):
    """Not an event ID; the message is Sentry's own (utils/validators.py)."""

    template = (
        "`Event ID` must be a valid UUID hex "
        "(32-36 characters long, containing only digits, dashes, or a-f characters)"
    )


class InvalidLink(InvalidEventId):
    template = (
        "the link {link} contains neither an event ID nor an issue; "
        "pass an event ID or the link of an event's page"
    )


class NoEventIds(UsageError):
    template = (
        "the CSV on stdin lists the values of a tag, not events ({columns}); "
        "pass one with a column of event IDs, such as a Discover export"
    )


class SourceNotFound(UsageError):
    template = "{path}: no such file or directory; pass a file, a directory, a glob, or - for stdin"


class NoArchive(UsageError):
    template = "no archive at {path}; create one with: event-archive -a {path} load SOURCE..."
    http_status = 503


class NotAnArchive(UsageError):
    template = "{path} is not an archive and is not empty; choose a new or empty directory"


class InvalidProjectMap(UsageError):
    template = (
        "{path}: {reason}; expected the response of /api/0/organizations/ORG/projects/ "
        "or a file made by `sentry export`"
    )


class SeveralProjects(UsageError):
    template = (
        "--project {slug}: the events belong to several projects, {ids}; nothing was committed. "
        "Map project IDs to slugs with --project-map FILE, or use this slug for all with --force"
    )


class InvalidQuery(UsageError):
    template = "{reason}"


class NotAllowed(InvalidQuery):
    template = (
        "{what}: queries can only read the archive{instead}. Use --unsafe to disable the sandbox"
    )


class InvalidSearch(UsageError):
    """Not a search; the message is Sentry's own where it has one (api/event_search.py)."""

    template = "{reason}"


class UnknownSearchKey(InvalidSearch):
    template = (
        "{key}: neither a search key nor a tag of this archive{closest}; "
        "docs/search.md lists the keys, and `event-archive report tag-keys` the tags"
    )


class UnknownReport(UsageError):
    template = "no report named {name!r}; available: {known}"
    http_status = 404


class InvalidReport(UsageError):
    template = "{path}: {reason}; see docs/reports.md"


class InvalidParameter(UsageError):
    template = "{name}: {reason}"


class MissingExtra(UsageError):
    template = "{what} requires additional packages: pip install 'event-archive[{extra}]'"


class InvalidTokens(UsageError):
    template = (
        "{path}: {reason}; expected one token per line, optionally followed by organization slugs"
    )


class UnauthenticatedServer(UsageError):
    template = (
        "refusing to listen on {host} without authentication; pass --token-file or --insecure"
    )


class AddressUnavailable(UsageError):
    template = "cannot listen on {host}:{port}: {reason}"


class TooManyRejects(ArchiveError):
    template = (
        "stopped at {place}: {reason}; nothing was committed. "
        "Without --strict and --max-rejects, invalid records are set aside and the rest is loaded"
    )
    exit_code = ExitCode.REJECTS
    http_status = 422


class DamagedArchive(ArchiveError):
    template = "{path}: {reason}; run: event-archive -a {archive} verify --data"
    exit_code = ExitCode.DAMAGED


class NewerArchive(DamagedArchive):
    template = (
        "{path}: format {found} is newer than this version can read ({known}); "
        "upgrade with: pip install --upgrade event-archive"
    )


class OlderArchive(DamagedArchive):
    template = (
        "{archive}: its format {found} is older than this version reads ({known}); "
        "run: event-archive -a {archive} upgrade"
    )


class ArchiveLocked(ArchiveError):
    template = "{path}: another process is writing to this archive; retry when it has finished"
    exit_code = ExitCode.LOCKED
    http_status = 503


class WorkerDied(ArchiveError):
    template = (
        "a worker process died, possibly out of memory; nothing was committed. "
        "Retry with: --workers 1"
    )
    exit_code = ExitCode.STORAGE


class QueryStopped(ArchiveError):
    template = (
        "the query was stopped: {reason}; "
        "change the limits with --timeout, --memory and --max-spill, or select less"
    )
    exit_code = ExitCode.STORAGE
    http_status = 503


class OtherVersion(ArchiveError):
    template = (
        "the task is of event-archive {planned}, and this worker runs {found}; "
        "install the same version everywhere"
    )
    exit_code = ExitCode.STORAGE


class StorageFailed(ArchiveError):
    template = "{path}: {reason}; check the disk, then run the command again"
    exit_code = ExitCode.STORAGE
