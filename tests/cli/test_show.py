"""`show`: what people see of an event, in a pager on a terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import archive
from tests.builders import SEED_ID, CheckGolden, Run

CHAIN, NATIVE, SCRIPT = (
    "e9b7f67e59e5479888be0aab37b4d394",
    "09033f6d78284b04bd8784c842ef78a6",
    "027ece10c07641809f4e42ba3aeb5375",
)
GOLDEN = {
    "message.txt": [SEED_ID],
    "chain.txt": [CHAIN, "--full"],
    "chain.md": [CHAIN, "--markdown"],
    "native.txt": [NATIVE],
    "script.md": [SCRIPT, "--markdown", "--full"],
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(sample: archive.Archive, run: Run, name: str, check_golden: CheckGolden) -> None:
    ran = run("-a", sample.path, "show", *GOLDEN[name])
    assert (ran.code, ran.err) == (0, "")
    check_golden(f"show/{name}", ran.out)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Stdout is a terminal, without a pager."""
    monkeypatch.setattr("tests.conftest._Stream.isatty", lambda stream: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("PAGER", "")
    return monkeypatch


@pytest.mark.parametrize(("no_color", "is_styled"), [(None, True), ("", True), ("1", False)])
def test_color(
    sample: archive.Archive,
    run: Run,
    terminal: pytest.MonkeyPatch,
    no_color: str | None,
    is_styled: bool,
) -> None:
    if no_color is not None:
        terminal.setenv("NO_COLOR", no_color)
    out = run("-a", sample.path, "show", SEED_ID).out
    assert (b"\x1b[1m" in out) is is_styled


READ = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read({size}))"


@pytest.mark.parametrize("size", ["", "10"], ids=["all", "the beginning"])
def test_pager(
    sample: archive.Archive,
    run: Run,
    terminal: pytest.MonkeyPatch,
    tmp_path: Path,
    size: str,
) -> None:
    """A pager gets what would be printed, and may end before it has read it."""
    printed = run("-a", sample.path, "show", CHAIN).out.decode()
    (tmp_path / "read.py").write_text(READ.format(size=size))
    terminal.setenv("PAGER", f"{sys.executable} {tmp_path / 'read.py'} {tmp_path / 'seen'}")
    assert run("-a", sample.path, "show", CHAIN) == (0, b"", "")
    assert (tmp_path / "seen").read_text() == (printed[:10] if size else printed)


@pytest.mark.parametrize("pager", ["", "cat", "no-such-pager --x", "'"])
def test_no_pager(
    sample: archive.Archive, run: Run, terminal: pytest.MonkeyPatch, pager: str
) -> None:
    terminal.setenv("PAGER", pager)
    assert run("-a", sample.path, "show", SEED_ID).out
