"""Everything that can go wrong, as one small tree.

    ArchiveError                 1
    ├── EventNotFound            1   404
    │   ├── IssueNotFound        1   404
    │   └── ShortIdNotFound      1   404
    ├── Usage                    2   400
    │   ├── InvalidEventId       2   400
    │   │   └── InvalidLink      2   400
    │   ├── NoEventIds           2   400
    │   ├── SourceNotFound       2   400
    │   ├── NoArchive            2   404
    │   ├── NotAnArchive         2   400
    │   ├── InvalidProjectMap    2   400
    │   ├── SeveralProjects      2   400
    │   ├── InvalidQuery         2   400
    │   │   └── NotAllowed       2   400
    │   ├── UnknownReport        2   404
    │   ├── InvalidReport        2   400
    │   ├── InvalidParameter     2   400
    │   ├── MissingExtra         2   400
    │   ├── InvalidTokens        2   400
    │   ├── UnguardedServer      2   400
    │   └── AddressUnavailable   2   400
    ├── TooManyRejects           3   422
    ├── DamagedArchive           4   500
    │   └── NewerArchive         4   500
    ├── ArchiveLocked            5   503
    ├── StorageFailed            6   500
    └── WorkerDied               6   500

Each class carries its message template, the exit code of the command line and the HTTP
status of the server, so that a message has one home and every front says the same.
"""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from typing import Any


class ExitCode(IntEnum):
    """What the command line's exit code says; the codes are part of the interface."""

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
    ExitCode.OK: "done",
    ExitCode.PROBLEMS: "not found, `verify` found problems, or `repair` lost events",
    ExitCode.USAGE: "the command was not understood: options, event ID, SQL, a missing path",
    ExitCode.REJECTS: "finished, but some records were rejected (see `rejects/`)",
    ExitCode.DAMAGED: "the archive is damaged, or was written by a newer version",
    ExitCode.LOCKED: "another process is writing to the archive",
    ExitCode.STORAGE: "an I/O error, or the disk is full",
    ExitCode.BUG: "a bug in event-archive; please report it, with what EVENT_ARCHIVE_DEBUG=1 shows",
    ExitCode.INTERRUPTED: "interrupted (SIGINT); a load is committed whole or not at all",
    ExitCode.TERMINATED: "terminated (SIGTERM); a load is committed whole or not at all",
}


class ArchiveError(Exception):
    """The root: catch it to catch everything that this package raises on purpose."""

    template = "{message}"
    exit_code = ExitCode.PROBLEMS
    http_status = 500

    def __init__(self, **fields: object) -> None:
        super().__init__(self.template.format(**fields))
        self.fields = fields

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors travel between processes."""
        return partial(type(self), **self.fields), ()


class EventNotFound(ArchiveError):
    """No event of this ID; the text is the API's own (Sentry, api/exceptions.py)."""

    template = "The requested resource does not exist"
    exit_code = ExitCode.PROBLEMS
    http_status = 404


class IssueNotFound(EventNotFound):
    """No event of this issue; over HTTP the text is the API's own, as for EventNotFound."""

    template = "no event of issue {issue} in this archive"


class ShortIdNotFound(EventNotFound):
    template = (
        "no event of issue {issue} in this archive; "
        "a short ID is known once a list of issues that contains it is loaded"
    )


class UsageError(ArchiveError):
    """The caller asked for something that makes no sense."""

    exit_code = ExitCode.USAGE
    http_status = 400


class InvalidEventId(UsageError):
    """Not an event ID; the text is the API's own (Sentry, utils/validators.py)."""

    template = (
        "`Event ID` must be a valid UUID hex "
        "(32-36 characters long, containing only digits, dashes, or a-f characters)"
    )


class InvalidLink(InvalidEventId):
    template = (
        "the link {link} contains neither an event ID nor an issue; "
        "copy the event's ID, or the link of its page"
    )


class NoEventIds(UsageError):
    template = (
        "the CSV on stdin lists the values of a tag, not events ({columns}); "
        "give one with a column of event IDs, such as an export of Discover"
    )


class SourceNotFound(UsageError):
    template = "{path}: no such file or directory; name a file, a directory, a glob, or - for stdin"


class NoArchive(UsageError):
    template = "no archive at {path}; make one with: event-archive -a {path} load SOURCE..."
    http_status = 404


class NotAnArchive(UsageError):
    template = "{path}: not empty, and no archive; name a new or an empty directory"


class InvalidProjectMap(UsageError):
    template = (
        "{path}: {reason}; expected the answer of /api/0/organizations/ORG/projects/ "
        "or a file made by `sentry export`"
    )


class SeveralProjects(UsageError):
    template = (
        "--project {slug}: the events are of several projects, {ids}; nothing was committed. "
        "Say which ID has which slug with --projects FILE, or give all of them this slug with "
        "--force"
    )


class InvalidQuery(UsageError):
    template = "{reason}"


class NotAllowed(InvalidQuery):
    template = (
        "{what}: SQL only reads the archive{instead}. "
        "To lift the bars on an archive of your own, give --unsafe"
    )


class UnknownReport(UsageError):
    template = "no report named {name!r}; there are: {known}"
    http_status = 404


class InvalidReport(UsageError):
    template = "{path}: {reason}; docs/reports.md tells how a report is written"


class InvalidParameter(UsageError):
    template = "{name}: {reason}"


class MissingExtra(UsageError):
    template = "{what} needs more packages: pip install 'event-archive[{extra}]'"


class InvalidTokens(UsageError):
    template = "{path}: {reason}; write one token a line, and after it the organizations it may see"


class UnauthenticatedServer(UsageError):
    template = (
        "{host} can be reached from elsewhere, and nobody would be asked for a token; "
        "name a --token-file, or say --insecure"
    )


class AddressUnavailable(UsageError):
    template = "cannot listen on {host}:{port}: {reason}"


class TooManyRejects(ArchiveError):
    template = (
        "stopped at {place}: {reason}; nothing was committed. "
        "Without --strict and --max-rejects, bad records are set aside and the rest is loaded"
    )
    exit_code = ExitCode.REJECTS
    http_status = 422


class DamagedArchive(ArchiveError):
    template = "{path}: {reason}; run: event-archive -a {archive} verify --data"
    exit_code = ExitCode.DAMAGED


class NewerArchive(DamagedArchive):
    template = (
        "{path}: format {found} is newer than this version reads ({known}); "
        "install a newer one with: pip install --upgrade event-archive"
    )


class ArchiveLocked(ArchiveError):
    template = "{path}: another process is writing to this archive; try again when it has finished"
    exit_code = ExitCode.LOCKED
    http_status = 503


class WorkerDied(ArchiveError):
    template = (
        "a worker process died, perhaps for want of memory; nothing was committed. "
        "Try again with: --workers 1"
    )
    exit_code = ExitCode.STORAGE


class StorageFailed(ArchiveError):
    template = "{path}: {reason}; a load is committed whole or not at all"
    exit_code = ExitCode.STORAGE
