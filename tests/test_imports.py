"""Start-up stays cheap: nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import archive
from tests.builders import SEED_ID

HEAVY = {  # but for numpy, which comes with pyarrow where it is installed: see below
    "archive.charts", "archive.events.ingest", "archive.events.api", "click", "duckdb",
    "filelock", "fsspec", "msgspec", "orjson", "pandas", "prometheus_client", "prompt_toolkit",
    "pyarrow", "pyarrow.compute", "starlette", "uvicorn",
}  # fmt: skip
SHOW = "import sys, json; print(json.dumps(list(sys.modules)))"

CASES = {
    "import archive": ("import archive", set()),
    "open": ("import archive; archive.open('x')", set()),
    "command line": ("import archive.cli", {"click"}),
    "resolve": (
        f"import archive; archive.open({{path!r}}).resolve('{SEED_ID}').body",
        {"duckdb", "orjson"},
    ),
    "resolve command": (
        "import sys, contextlib, os; from archive import cli; "
        f"sys.argv[1:] = ['-a', {{path!r}}, 'resolve', '--format', 'json', '{SEED_ID}']; "
        "sys.stdout = open(os.devnull, 'w'); cli.run(); sys.stdout = sys.__stdout__",
        {"click", "duckdb", "orjson"},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_imports(sample: archive.Archive, case: tuple[str, set[str]]) -> None:
    code, needed = case
    script = f"{code.format(path=str(sample.path))}; {SHOW}"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(json.loads(ran.stdout)) & HEAVY == needed


def test_the_command_does_without_numpy(sample: archive.Archive, tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise RuntimeError('it was imported')")
    command = [Path(sys.executable).with_name("event-archive"), "-a", sample.path]
    for verb in (["resolve", SEED_ID], ["report", "top-frames"]):
        ran = subprocess.run(
            [str(word) for word in (*command, *verb)],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
        )
        assert (ran.returncode, ran.stderr) == (0, b"")


def test_sdist_carries_its_documents(tmp_path: Path) -> None:
    project = Path(archive.__file__).parent.parent
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(build, cwd=project, check=True, capture_output=True)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as bundle:
        names = {name.partition("/")[2] for name in bundle.getnames()}
    assert {path.name for path in project.glob("*.md")} <= names


def test_wheel_carries_its_sql(tmp_path: Path) -> None:
    """The views and reports are found by what is installed from a wheel."""
    project = Path(archive.__file__).parent.parent
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=project,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    code = (
        "import archive.query.reports; from archive.tables.sql import find_sql; "
        "print(find_sql()); "
        "print([report.name for report in archive.query.reports.list_reports()])"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", str(wheel), str(tmp_path / "installed")], check=True
    )
    ran_installed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "installed",
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.returncode == 0
    assert str(tmp_path / "installed" / "archive" / "sql") in ran_installed.stdout
    assert "top-frames" in ran_installed.stdout
