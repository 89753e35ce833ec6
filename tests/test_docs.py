"""The docs are true: commands run and print what they show, generated pages are fresh."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import click
import pytest

from archive import errors
from archive.cli import VERBS, cli
from archive.query.reports import Report, list_reports
from tests.builders import PROJECT

README = (PROJECT / "README.md").read_text()
EXECUTED = README, (PROJECT / "docs" / "serve.md").read_text()
WRITTEN = [*sorted((PROJECT / "docs").rglob("*.md")), *sorted(PROJECT.glob("*.md"))]


def _load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pages", PROJECT / "docs" / "reference.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = _load_generator().PAGES


@pytest.mark.parametrize("page", PAGES)
def test_generated_page_is_fresh(page: str) -> None:
    assert (PROJECT / "docs" / page).read_text() == PAGES[page](), "run: make docs"


class Command(NamedTuple):
    line: str
    shown: list[str]


def _read_commands() -> Iterator[Command]:
    for block in re.findall(r"```console\n(.*?)```", "\n".join(EXECUTED), re.DOTALL):
        for text in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *shown = text.splitlines()
            yield Command(line, shown)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory as after cloning, with an archive as the README's first command makes it."""
    place = tmp_path_factory.mktemp("readme")
    (place / "sample_data").symlink_to(PROJECT / "sample_data")
    _run_shell(next(_read_commands()).line, place)
    return place


def _run_shell(line: str, place: Path) -> list[str]:
    commands = Path(sys.executable).parent
    ran = subprocess.run(
        ["/bin/sh", "-c", f"{line} 2>&1"],
        cwd=place,
        env={**os.environ, "PATH": f"{commands}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        check=False,
        text=True,
        timeout=60,
    )
    return ran.stdout.splitlines()


@pytest.mark.parametrize("command", list(_read_commands()), ids=lambda command: command.line[:50])
def test_documented_command(workplace: Path, tmp_path: Path, command: Command) -> None:
    place = workplace
    if " load " in command.line:
        place = tmp_path
        (place / "sample_data").symlink_to(PROJECT / "sample_data")
    printed = _run_shell(command.line, place)
    for at, line in enumerate(command.shown):
        if line == "…":
            return
        assert printed[at].startswith(line.removesuffix("…").rstrip()), printed
    assert len(printed) == len(command.shown)


@pytest.mark.parametrize("page", ["README.md", "docs/python-api.md"])
def test_documented_python(workplace: Path, page: str) -> None:
    text = (PROJECT / page).read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=workplace, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    expected = {"README.md": "lineTotal 44", "docs/python-api.md": "error 183"}
    assert expected[page] in ran.stdout.splitlines()


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text()):
        assert "://" in link or (page.parent / link).exists(), link


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_examples_and_meanings(verb: str) -> None:
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    assert re.search(rf"Examples:\s+event-archive {verb}", command.help or "")
    for parameter in command.params:
        assert isinstance(parameter, click.Argument) or vars(parameter)["help"], parameter


@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.name)
def test_report_describes_itself(report: Report) -> None:
    used = set(re.findall(r"\$(\w+)", report.query))
    assert used == {parameter.name for parameter in report.parameters}
    assert report.title
    assert report.description.endswith(".")


def _list_errors(kind: type[errors.ArchiveError]) -> Iterator[type[errors.ArchiveError]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from _list_errors(inner)


@pytest.mark.parametrize(
    "kind", list(_list_errors(errors.ArchiveError)), ids=lambda kind: str(kind.__name__)
)
def test_error_stands_in_the_tree(kind: type[errors.ArchiveError]) -> None:
    line = rf"{kind.__name__} +{kind.exit_code.value}\b"
    assert re.search(line, errors.__doc__ or "")
    assert kind.http_status in {400, 404, 422, 500, 503}
