"""Sentry's own command-line clients, unmodified, against our server: `make test-clients`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import archive
from tests.builders import ORGANIZATION
from tests.serve.conftest import start

EVENT = "e9b7f67e59e5479888be0aab37b4d394"
UNKNOWN = "c" * 32
TOKEN = "0123456789abcdef" * 4


class Ran(NamedTuple):
    """How a client ended."""

    code: int
    out: str
    err: str


Client = Callable[..., Ran]


@pytest.fixture(scope="module")
def client(sample: archive.Archive, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Run a client, which knows of our server by its environment only."""
    installed = os.environ.get("EVENT_ARCHIVE_CLIENTS")
    if not installed:
        pytest.skip("EVENT_ARCHIVE_CLIENTS is not set: make test-clients")
    place = tmp_path_factory.mktemp("clients")
    (place / "tokens").write_text(f"{TOKEN} {ORGANIZATION}\n")
    with start(sample.path, "--token-file", place / "tokens") as running:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(place),
            "SENTRY_URL": f"http://127.0.0.1:{running.port}",
            "SENTRY_AUTH_TOKEN": TOKEN,
            "SENTRY_CLI_NO_TELEMETRY": "1",
            "DO_NOT_TRACK": "1",
            "TZ": "UTC",
        }

        def run(name: str, *arguments: str) -> Ran:
            ran = subprocess.run(
                [str(Path(installed) / name), *arguments],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            return Ran(ran.returncode, ran.stdout, ran.stderr)

        yield run


def test_sentry_event_view(client: Client) -> None:
    ran = client("sentry", "event", "view", f"{ORGANIZATION}/", EVENT)
    assert ran.code == 0, ran
    at = ran.out.index("PaymentUnavailable: the bank did not answer within 10s")
    stack = ran.out[at:]
    frames = ("at charge (checkout/cashier.py:119", "at post (checkout/views/pay.py:61")
    assert -1 < stack.find(frames[0]) < stack.find(frames[1])
    assert "raise PaymentUnavailable.after(TIMEOUT) from error" in stack


def test_sentry_event_view_json(client: Client, sample: archive.Archive) -> None:
    ran = client("sentry", "event", "view", f"{ORGANIZATION}/", EVENT, "--json")
    assert ran.code == 0, ran
    shown = json.loads(ran.out)
    event = sample.resolve(EVENT).json()["event"]
    assert {key: shown[key] for key in event} == event


def test_sentry_event_view_of_an_unknown_event(client: Client) -> None:
    ran = client("sentry", "event", "view", f"{ORGANIZATION}/", UNKNOWN)
    assert ran.code not in (0, 70)
    assert f'Event {UNKNOWN} in organization "{ORGANIZATION}" not found.' in ran.err


def test_sentry_org_and_project_list(client: Client) -> None:
    assert ORGANIZATION in client("sentry", "org", "list").out
    listed = client("sentry", "project", "list", f"{ORGANIZATION}/")
    assert (listed.code, "checkout-api" in listed.out) == (0, True)


def test_sentry_cli_events_list(client: Client, sample: archive.Archive) -> None:
    ran = client("sentry-cli", "events", "list", "-o", ORGANIZATION, "-p", "checkout-api")
    assert ran.code == 0, ran
    rows = [line.split("|") for line in ran.out.splitlines() if line.startswith("| ")][1:]
    expected = sample.sql(
        "SELECT event_id, title FROM events WHERE project_slug = 'checkout-api' "
        "ORDER BY timestamp DESC, event_id DESC"
    )
    shown = [(row[1].strip().replace("-", ""), row[3].strip()) for row in rows]
    assert shown == list(expected)  # over two pages


def test_sentry_cli_of_an_unknown_project(client: Client) -> None:
    ran = client("sentry-cli", "events", "list", "-o", ORGANIZATION, "-p", "nope")
    assert ran.code == 1
    assert "Project not found. Ensure that you configured the correct project" in ran.err


def test_sentry_cli_projects_list(client: Client) -> None:
    ran = client("sentry-cli", "projects", "list", "-o", ORGANIZATION)
    assert (ran.code, "checkout-api" in ran.out) == (0, True)
