"""The Python API: an archive as an object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from datetime import datetime

    import duckdb
    import pyarrow as pa

    from archive.events.identity import Key
    from archive.events.reference import IssueReference
    from archive.exports.limits import Limits
    from archive.load import LoadReport, Progress
    from archive.maintenance.compact import Compaction
    from archive.maintenance.repair import Repair
    from archive.maintenance.upgrade import Upgrade
    from archive.maintenance.verify import Verification
    from archive.query.bounds import Bounds
    from archive.query.database import Database, Result
    from archive.query.info import Info
    from archive.query.listing import Hash, Issue, KnownProject, Neighbors, Scope, TagKey, TagValue
    from archive.query.search.conditions import Condition
    from archive.resolve import Answer, Missing, Resolver
    from archive.storage.manifest import Manifest
    from archive.versions import Version

DEFAULT_PATH = "event-archive"


class Archive:
    """An archive directory: load exports, resolve event IDs, query with SQL.

    It shows the state at which it was opened until `refresh` or `load` is called. Nothing is
    printed, and every error is an `archive.ArchiveError`.
    """

    def __init__(self, path: str | Path = DEFAULT_PATH, bounds: Bounds | None = None) -> None:
        """bounds: of queries; see `archive.query.bounds.Bounds`."""
        self.path, self._bounds = Path(path), bounds
        self._path = self.path.absolute()  # the working directory may change

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def load(
        self,
        *sources: str | Path,
        organization: str | None = None,
        project: str | None = None,
        project_map: str | Path | None = None,
        max_rejects: int | None = None,
        limits: Limits | None = None,
        force: bool = False,
        dry_run: bool = False,
        follow_links: bool = False,
        shared: bool = False,
        workers: int = 1,
        executor: Executor | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> LoadReport:
        """Load files, directories, globs or `-` for stdin; the archive is created if needed.

        Without a source, only `project_map` is loaded.

        organization, project: slugs for events that do not contain them.
        project_map: a file that maps project IDs to slugs.
        max_rejects: stop without committing if there are more rejects; 0 allows none.
        limits: on the size of records, and on what one source may cost; see
        `archive.exports.limits.Limits`.
        force: read sources again that were fully loaded before, and let `project` name events of
        several project IDs.
        dry_run: read and count only.
        follow_links: follow links that lead out of a directory.
        shared: let other users access a new archive, as far as the umask does.
        workers: number of processes that read. If there are several, the calling script needs
        `if __name__ == "__main__":`, as `multiprocessing` requires.
        executor: reads instead, and is not closed; a Dask cluster's is `client.get_executor()`. Its
        workers need this package and the same files under the same absolute paths.
        progress: called repeatedly while the load runs.

        Raises InvalidParameter, SourceNotFound, InvalidProjectMap, SeveralProjects,
        TooManyRejects, ArchiveLocked, DamagedArchive, StorageFailed, WorkerDied.
        """
        from archive.errors import InvalidParameter
        from archive.events.flatten import Defaults
        from archive.exports.limits import Limits
        from archive.exports.project_map import read_projects, read_slug
        from archive.load import Request, load
        from archive.load.plan import LoadOptions
        from archive.maintenance.compact import compact, needs_compaction

        for name, slug in (("organization", organization), ("project", project)):
            if slug is not None and read_slug(slug) is None:
                raise InvalidParameter(name=name, reason=f"{slug!r} is not a slug")
        request = Request(
            sources,
            LoadOptions(Defaults(organization, project), limits or Limits(), max_rejects),
            workers,
            tuple(read_projects(project_map, organization)) if project_map else (),
            force,
            dry_run,
            shared,
            follow_links,
            executor,
        )
        if not dry_run:
            self._upgrade_if_older()
        report = load(self._path, request, progress or (lambda _: None))
        self.refresh()
        if report.load_id and needs_compaction(self._manifest):
            compact(self._path, only_due=True)
            self.refresh()
        return report

    def compact(
        self,
        progress: Callable[[int, int], None] | None = None,
        *,
        drop_superseded: bool = False,
    ) -> Compaction:
        """Merge small parts into large ones; `load` does so if there are many small parts.

        progress: called with the number of bytes written and their maximum.
        drop_superseded: remove the replaced versions of events.

        Raises NoArchive, ArchiveLocked, DamagedArchive, StorageFailed.
        """
        from archive.maintenance.compact import compact

        on_progress = progress or (lambda done, total: None)
        compaction = compact(self._path, False, on_progress, drop_superseded)
        self.refresh()
        return compaction

    def resolve(
        self, reference: str, *, organization: str | None = None, project: str | None = None
    ) -> Answer:
        """Return the answer of Sentry's API for an event.

        If several projects have the event ID, the newest event is returned, preferably from the
        project in a link.

        reference: an event ID, the numeric ID or short ID of an issue (for its latest event), or a
        link to either; see `archive.events.reference.parse_reference`.
        organization: slug. project: slug or ID.

        Raises InvalidEventId, EventNotFound, NoArchive, DamagedArchive.
        """
        return self._resolver.resolve(reference, organization, project)

    def resolve_many(
        self,
        references: Iterable[str],
        *,
        organization: str | None = None,
        project: str | None = None,
    ) -> Iterator[Answer | Missing]:
        """Resolve references lazily and in order; yield a `Missing` for each that fails."""
        many = [references] if isinstance(references, str) else references
        return self._resolver.resolve_many(many, organization, project)

    def versions(
        self, event_id: str, *, organization: str | None = None, project: str | None = None
    ) -> list[Version]:
        """List all versions of an event: current ones, then the others, last replaced first.

        event_id: as `reference` of `resolve`. organization: slug. project: slug or ID; without it,
        versions in all projects are listed.

        Raises InvalidEventId, EventNotFound, NoArchive, DamagedArchive.
        """
        from archive.versions import list_versions

        where = organization, project
        return list_versions(self._root, self._manifest, self._resolver, event_id, *where)

    def list_events(
        self, scope: Scope, *, limit: int = 100, offset: int = 0, oldest: bool = False
    ) -> list[Answer]:
        """Return the events of an `archive.query.listing.Scope`, newest first.

        Raises NoArchive, DamagedArchive.
        """
        from archive.query.listing import list_keys

        keys = list_keys(self._database, scope, limit, offset, oldest=oldest)
        return self._resolver.resolve_keys(keys)

    def find_neighbors(self, answer: Answer) -> Neighbors:
        """Find the IDs of the previous and the next event of an event's issue."""
        from archive.query.listing import Neighbors, Scope, find_neighbors, read_number

        owner = answer.owner
        group_id = read_number(owner.group_id or "")
        if group_id is None:  # as in Sentry, an event without an issue has none
            return Neighbors()
        organizations = owner.organization_slug and frozenset([owner.organization_slug])
        scope = Scope(organizations or None, owner.project_id or owner.project_slug, group_id)
        return find_neighbors(self._database, scope, answer.event_id)

    def find_issue(self, short_id: str, scope: Scope | None = None) -> Issue | None:
        """Find an issue by its short ID, in upper case; None if no export describes it.

        Raises NoArchive, DamagedArchive.
        """
        from archive.query.listing import Scope, find_issue

        return find_issue(self._database, short_id, scope or Scope())

    def list_projects(self) -> list[KnownProject]:
        """List all known projects with the number of their events."""
        return list(self._projects)

    def list_hashes(
        self, scope: Scope, *, limit: int = 100, offset: int = 0
    ) -> list[tuple[Hash, Answer]]:
        """List the grouping hashes of an issue, each with its newest event."""
        from archive.query.listing import list_hashes

        hashes = list_hashes(self._database, scope, limit, offset)
        latest = self._resolver.resolve_keys([found.latest for found in hashes])
        return list(zip(hashes, latest, strict=True))

    def list_tag_keys(self, scope: Scope) -> list[TagKey]:
        """List the tag keys of a scope's events, by name."""
        from archive.query.listing import list_tag_keys

        return list_tag_keys(self._database, scope)

    def list_tag_values(
        self, scope: Scope, key: str, *, like: str = "", limit: int = 100, offset: int = 0
    ) -> list[TagValue]:
        """List the values of a tag that contain `like`, last seen first."""
        from archive.query.listing import list_tag_values

        return list_tag_values(self._database, scope, key, like, limit, offset)

    def sql(
        self,
        query: str,
        parameters: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        files: Mapping[str, str | Path] | None = None,
        unsafe: bool = False,
    ) -> Result:
        """Run SQL over the views `events`, `frames`, `tags`, `payloads`, … of sql/views.sql.

        The query can only read the archive, unless `unsafe` is set.

        parameters: by name or position.
        files: CSV, JSON or Parquet files to query as tables, by table name.
        unsafe: allow the query to write, and to access files and the network.

        Raises InvalidQuery, NotAllowed, QueryStopped, InvalidParameter, NoArchive, DamagedArchive.
        """
        if files or unsafe:
            return self._open_database(files, unsafe).run(query, parameters)
        return self._database.run(query, parameters)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open a separate DuckDB connection with the views and no restrictions.

        Raises NoArchive, DamagedArchive. Damage found later raises a duckdb.Error.
        """
        return self._open_database(None, unsafe=True).connection

    def files(self, table: str) -> list[Path]:
        """List the current Parquet files of a table, for other engines to read.

        Raises InvalidParameter if there is no such table, NoArchive, DamagedArchive.
        """
        from archive.tables.files import list_files

        return list_files(self._root, self._manifest, table)

    def table(self, name: str) -> pa.dataset.Dataset:
        """Open a table as a PyArrow dataset with the schema in docs/tables.md.

        Raises InvalidParameter if there is no such table, NoArchive, DamagedArchive.
        """
        import pyarrow.dataset as ds

        from archive.tables.schema import find_schema

        return ds.dataset(self.files(name), schema=find_schema(name), format="parquet")

    def search(
        self,
        query: str,
        *,
        issues: bool = False,
        fields: Sequence[str] = (),
        organization: str | None = None,
        project: str | None = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Result:
        """Find events, newest first, or the issues of these events, last seen first.

        query: in Sentry's search language; see docs/search.md.
        issues: find issues; their other columns are of all their events.
        fields: columns of `events` or `issues`.
        organization: slug. project: slug or ID.
        since, until: dates, times or periods, as in `archive.query.times.parse_time`.

        Raises InvalidSearch, UnknownSearchKey, InvalidParameter, QueryStopped, NoArchive,
        DamagedArchive.
        """
        from archive.query.listing import Scope
        from archive.query.search.find import check_keys, find_events, find_issues
        from archive.query.times import read_time

        organizations = frozenset([organization]) if organization else None
        scope = Scope(
            organizations,
            project,
            query=query,
            since=None if since is None else read_time("since", since),
            until=None if until is None else read_time("until", until),
        )
        check_keys(self._database, query)
        find = find_issues if issues else find_events
        return find(self._database, scope, fields, limit, offset)

    def report(
        self,
        name: str,
        reports: str | Path | None = None,
        query: str | None = None,
        **parameters: object,
    ) -> Result:
        """Run a report; see `archive.query.reports.list_reports`.

        reports: a directory with additional reports.
        query: count only events that match it, in Sentry's search language; see docs/search.md.

        Raises UnknownReport, InvalidReport, InvalidParameter, InvalidSearch, UnknownSearchKey,
        QueryStopped, NoArchive, DamagedArchive.
        """
        from archive.query.reports import run_report

        if query is None:
            return run_report(self._database, name, parameters, reports)
        from archive.query.search.conditions import compile_search
        from archive.query.search.find import check_keys

        selected = compile_search(query)
        check_keys(self._database, query)
        return run_report(self._open_database(selected=selected), name, parameters, reports)

    def info(self) -> Info:
        """Summarize the archive. Raises NoArchive, DamagedArchive."""
        from archive.query.info import describe

        return describe(str(self.path), self._manifest, self._database)

    def verify(
        self, progress: Callable[[int, int], None] | None = None, *, data: bool = True
    ) -> Verification:
        """Verify the archive against its manifest.

        progress: called with the number of bytes checked and their total.
        data: check every byte and row; if false, only the structure.

        Raises NoArchive, NewerArchive.
        """
        from archive.maintenance.verify import verify_archive

        return verify_archive(self._root, progress or (lambda done, total: None), data)

    def repair(self, *, discard: bool = False) -> Repair:
        """Rebuild damaged tables from the stored payloads; the result lists the lost events.

        Damaged files are kept in `quarantine/`.

        discard: delete the files in `quarantine/` afterwards.

        Raises NoArchive, ArchiveLocked, StorageFailed, and DamagedArchive if the manifest is
        damaged.
        """
        from archive.maintenance.repair import repair

        result = repair(self._path, discard)
        self.refresh()
        return result

    def upgrade(self, progress: Callable[[int, int], None] | None = None) -> Upgrade:
        """Bring an archive of an older format to the current one; `load` does so too.

        progress: called with the number of bytes done and their total.

        Raises NoArchive, ArchiveLocked, NewerArchive, DamagedArchive, StorageFailed.
        """
        from archive.maintenance.upgrade import upgrade

        result = upgrade(self._path, progress or (lambda done, total: None))
        self.refresh()
        return result

    @property
    def number(self) -> int:
        """The number of the commit at which the archive was opened."""
        return self._manifest.number

    def is_current(self) -> bool:
        """Whether nothing has been committed since; this reads a few bytes only."""
        from archive.storage.state import is_newest

        return is_newest(self._root, self._manifest)

    def probe(self) -> None:
        """Check that all files of tables and the index are there, and read one event.

        Raises NoArchive, StorageFailed, DamagedArchive.
        """
        from archive.storage.checksums import check_parts
        from archive.storage.names import REJECTS

        check_parts(self._root, (p for p in self._manifest.parts if p.table != REJECTS))
        for (event_id,) in self.sql("SELECT event_id FROM parts.events LIMIT 1"):
            self.resolve(event_id)

    def refresh(self) -> None:
        """Switch to the current state, with everything committed since."""
        self.close()

    def close(self) -> None:
        """Close connections; the archive opens them again when needed."""
        for name in ("_database", "_resolver"):
            if name in self.__dict__:
                self.__dict__[name].close()
        for name in ("_root", "_manifest", "_database", "_resolver", "_projects"):
            self.__dict__.pop(name, None)

    def _upgrade_if_older(self) -> None:
        from archive.errors import NoArchive, OlderArchive

        try:
            self.refresh()
            _ = self._manifest
        except NoArchive:
            pass
        except OlderArchive:
            self.upgrade()

    @cached_property
    def _root(self) -> Path:
        from archive.storage.layout import open_directory

        return open_directory(self._path)

    @cached_property
    def _manifest(self) -> Manifest:
        from archive.storage.state import read_newest

        return read_newest(self._root)

    @cached_property
    def _database(self) -> Database:
        return self._open_database()

    def _open_database(
        self,
        files: Mapping[str, str | Path] | None = None,
        unsafe: bool = False,
        selected: Condition | None = None,
    ) -> Database:
        from archive.query.database import Database

        return Database(self._root, self._manifest, files, unsafe, self._bounds, selected)

    @cached_property
    def _resolver(self) -> Resolver:
        from archive.resolve import Resolver

        return Resolver(self._root, self._manifest, self._find_in_issue)

    def _find_in_issue(
        self, issue: IssueReference, organization: str | None, project: str | None
    ) -> Key | None:
        from archive.query.listing import find_in_issue

        return find_in_issue(self._database, issue, organization, project)

    @cached_property
    def _projects(self) -> list[KnownProject]:
        from archive.query.listing import list_projects

        return list_projects(self._database)
