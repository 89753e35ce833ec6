"""What reading staged parts raises is not hidden by DuckDB, which reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

import archive
from archive.errors import DamagedArchive
from archive.tables import conflicts
from tests.builders import make_event, write_json

ERRORS = [KeyboardInterrupt(), DamagedArchive(path="a", reason="b", archive="c")]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_of_reading_are_raised(
    empty: archive.Archive, tmp_path: Path, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(conflicts, "read_part", read)
    with pytest.raises(type(error)):
        empty.load(write_json(tmp_path / "1.json", make_event(1)))
    monkeypatch.undo()
    assert empty.load(tmp_path / "1.json").stored == 1
