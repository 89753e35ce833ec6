"""How exactly events are answered, as `load` and `info` say it."""

from __future__ import annotations

import json
from pathlib import Path

import archive
from archive.events.exactness import Exactness
from tests.builders import SEED, Run, make_event, write_json

SIMPLE = {**make_event(3, entries=..., groupID=None), "event.type": "error", "message": ""}
SENT = {"event_id": f"{4:032x}", "platform": "python", "exception": {"values": [{"type": "E"}]}}
LINE = (
    "1 byte for byte, 1 converted, 1 as rows of lists, 2 without a known issue, "
    "2 without an organization slug, 2 without a project slug"
)


def _write_exports(folder: Path) -> Path:
    folder.mkdir()
    (folder / "seed.json").write_bytes(SEED)
    write_json(folder / "list.json", [SIMPLE])
    write_json(folder / "sent.json", SENT)
    return folder


EXPECTED = Exactness(
    exact=1,
    converted=1,
    listed=1,
    without_issue=2,
    without_organization=2,
    without_project=2,
)


def test_load_reports_exactness(empty: archive.Archive, tmp_path: Path) -> None:
    report = empty.load(_write_exports(tmp_path / "exports"))
    assert report.exactness == EXPECTED
    again = empty.load(tmp_path / "exports")
    assert again.exactness == Exactness()


def test_info_reports_exactness(empty: archive.Archive, tmp_path: Path) -> None:
    empty.load(_write_exports(tmp_path / "exports"))
    assert empty.info().exactness == EXPECTED


def test_commands_say_it(run: Run, tmp_path: Path) -> None:
    exports = _write_exports(tmp_path / "exports")
    assert f"answers: {LINE}\n" in run("-a", tmp_path / "a", "load", exports).err
    said = run("-a", tmp_path / "a", "info").out.decode()
    assert f"answers: {LINE}\n" in said
    described = json.loads(run("-a", tmp_path / "a", "info", "--json").out)
    assert described["exactness"]["converted"] == 1
