"""The current state of an archive: its newest manifest."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from archive.errors import DamagedArchive, OlderArchive
from archive.storage.durable import exists, list_names, wrap_os_errors
from archive.storage.layout import list_files
from archive.storage.manifest import (
    FORMAT,
    Manifest,
    list_manifests,
    locate_manifest,
    read_manifest,
    write_head,
)
from archive.storage.names import JOURNAL, MANIFESTS, TEMPORARY, find_commit


def read_newest(root: Path, any_format: bool = False) -> Manifest:
    """Read the state of an archive; a new archive has the empty manifest 0.

    any_format: accept older formats, which only an upgrade can read.

    Raises OlderArchive, NewerArchive, StorageFailed, and DamagedArchive if the newest manifest is
    damaged or missing: an older one is not the current state.
    """
    path = _find_newest(root)
    manifest = read_manifest(path, root) if path else Manifest()
    if not any_format:
        check_format(root, manifest)
    return manifest


def _find_newest(root: Path) -> Path | None:
    """Find the newest manifest. Raises DamagedArchive if later parts show that one is missing."""
    manifests = list_manifests(root)
    with wrap_os_errors(root):
        while orphans := list_orphans(root, _read_number(manifests)):
            before, manifests = manifests, list_manifests(root)
            if manifests != before:  # a commit finished meanwhile
                continue
            for orphan in orphans:
                if exists(orphan.path):  # a load may have removed what another one had left
                    reason = f"{orphan.reason}; {orphan.remedy}"
                    raise DamagedArchive(path=orphan.path, reason=reason, archive=root)
            break
    return manifests[-1] if manifests else None


def _read_number(manifests: list[Path]) -> int:
    return int(manifests[-1].stem) if manifests else 0


def check_format(root: Path, manifest: Manifest) -> None:
    """Raise OlderArchive if an archive has to be upgraded."""
    if manifest.format < FORMAT:
        raise OlderArchive(archive=root, found=manifest.format, known=FORMAT)


def is_newest(root: Path, manifest: Manifest) -> bool:
    """Whether a state is the current one: its manifest has the same content, and none is later.

    Raises DamagedArchive, StorageFailed.
    """
    if not manifest.number:
        return not list_manifests(root)
    head = write_head(manifest.sha256)
    with wrap_os_errors(root / MANIFESTS):
        try:
            with locate_manifest(root, manifest.number).open("rb", buffering=0) as stream:
                is_same = stream.read(len(head)) == head
        except FileNotFoundError:
            return False
        return is_same and not exists(locate_manifest(root, manifest.number + 1))


class Orphan(NamedTuple):
    """A part of a commit whose manifest is missing."""

    path: Path
    commit: int

    @property
    def reason(self) -> str:
        return f"of commit {self.commit}, whose manifest is missing"

    @property
    def remedy(self) -> str:
        manifest = f"{MANIFESTS}/{self.commit:08}.json"
        return f"restore {manifest} from a backup, or give up the files named {self.commit:08}-*"


def list_orphans(root: Path, newest: int) -> list[Orphan]:
    """List the parts of commits that are later than the newest manifest.

    A commit that did not finish left a journal. Parts of a commit without one were committed, so
    their manifest is missing. Raises OSError.
    """
    later = []
    for file in list_files(root):
        path = root / file
        commit = find_commit(path.name)
        if commit and commit.number > newest and TEMPORARY not in path.name:
            later.append((path, commit))
    unfinished = list_unfinished(root) if later else set()  # last: a journal precedes its parts
    return [Orphan(path, commit.number) for path, commit in later if commit.name not in unfinished]


def list_unfinished(root: Path) -> set[str]:
    """List the names of the commits that have a journal. Raises OSError."""
    journals = (name for name in list_names(root) if name.endswith(JOURNAL))
    return {commit.name for name in journals if (commit := find_commit(name))}
