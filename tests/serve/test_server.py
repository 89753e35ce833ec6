"""The server itself: over sockets, with signals, and from the command line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

import archive
from archive.serve import server
from archive.serve.app import Settings
from archive.serve.server import Address, serve
from tests.builders import ORGANIZATION, SEED, SEED_ID, Run
from tests.serve.conftest import start

URL = f"/api/0/organizations/{ORGANIZATION}/eventids/{SEED_ID}/"


def test_seed_over_the_wire(sample: archive.Archive) -> None:
    with start(sample.path) as running:
        status, headers, body = running.ask(URL)
        logged = running.read_line()
    assert (status, body, len(body)) == (200, SEED, 8625)
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == "8625"
    assert f'127.0.0.1 "GET {URL}" 200 8625 ' in logged


def test_a_proxy_forwards_the_scheme_of_a_request(sample: archive.Archive) -> None:
    with start(sample.path, "--allow-host", "archive.example.com") as running:
        host = {"Host": "archive.example.com", "X-Forwarded-Proto": "https"}
        _, headers, _ = running.ask("/api/0/organizations/", **host)
    assert headers["link"].startswith("<https://archive.example.com/api/0/organizations/?&cursor=")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_gracefully(sample: archive.Archive, number: signal.Signals) -> None:
    with start(sample.path) as running:
        assert running.stop(number) == (0, "stopped\n")


def test_tokens_are_read_again_on_sighup(sample: archive.Archive, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("a" * 32)
    with start(sample.path, "--token-file", tokens) as running:
        statuses = [running.ask(URL, Authorization=f"Bearer {'b' * 32}")[0]]
        running.read_line()
        tokens.write_text("b" * 32)
        running.process.send_signal(signal.SIGHUP)
        assert running.read_line() == "tokens reloaded"
        statuses.append(running.ask(URL, Authorization=f"Bearer {'b' * 32}")[0])
        running.read_line()
        tokens.write_text("")
        running.process.send_signal(signal.SIGHUP)
        assert running.read_line().startswith("keeping the old tokens: ")
        statuses.append(running.ask(URL, Authorization=f"Bearer {'b' * 32}")[0])
    assert statuses == [401, 200, 200]


def _converse(port: int, *sent: bytes) -> bytes:
    """What a server says to some bytes before it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for data in sent:
            connection.sendall(data)
        said = b""
        while data := connection.recv(1 << 16):
            said += data
        return said


def _serve_to(path: Path, client: Callable[[int], bytes]) -> bytes:
    """Serve in this process, until a client in a thread has got what it waits for."""
    said: list[bytes] = []

    def run(port: int) -> None:
        try:
            said.append(client(port))
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def log(line: str) -> None:
        if line.startswith("listening"):
            port = int(line.rsplit(":", 1)[1])
            threading.Thread(target=run, args=[port]).start()

    serve(path, Address(port=0), Settings(log=log), insecure=False)
    return said[0]


def test_idle_connections_give_way(
    sample: archive.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS", 4)

    def client(port: int) -> bytes:
        with ExitStack() as stack:
            for _ in range(8):
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            return _converse(port, b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")

    assert _serve_to(sample.path, client).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([], id="nothing"),
        pytest.param([b"GET / HTTP/1.1\r\nHost: local"], id="half a header"),
        pytest.param(
            [b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET"], id="half a next"
        ),
    ],
)
def test_who_sends_no_whole_request_is_left(
    sample: archive.Archive, monkeypatch: pytest.MonkeyPatch, sent: list[bytes]
) -> None:
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.2)
    monkeypatch.setattr(server, "IDLE_SECONDS", 1)
    said = _serve_to(sample.path, lambda port: _converse(port, *sent))
    assert said.count(b"HTTP/1.1 200 OK") == len(sent) // 2


def test_a_body_is_not_waited_for(sample: archive.Archive) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
    said = _serve_to(sample.path, lambda port: _converse(port, head))
    assert said.startswith(b"HTTP/1.1 200 OK")


def test_who_does_not_read_is_left(
    sample: archive.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_left = threading.Event()
    lose = server._Connection.connection_lost

    def note(self: server._Connection, error: Exception | None) -> None:
        lose(self, error)
        is_left.set()

    monkeypatch.setattr(server, "SEND_SECONDS", 0.2)
    monkeypatch.setattr(server._Connection, "connection_lost", note)
    url = f"/api/0/projects/{ORGANIZATION}/checkout-api/events/?full=1"
    head = f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    def ask_without_reading(port: int) -> bytes:
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", port))
            connection.sendall(head * 20)
            return b"left" if is_left.wait(30) else b"waited for"

    assert _serve_to(sample.path, ask_without_reading) == b"left"


def test_endless_headers_are_refused(sample: archive.Archive) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20_000
    said = _serve_to(sample.path, lambda port: _converse(port, head))
    assert said.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--host", "0.0.0.0"], 2, "refusing to listen on 0.0.0.0"),
        (["--token-file", "nowhere"], 2, "nowhere: "),
        (["--port", "99999"], 2, "not in the range"),
        (["--host", "256.1.1.1"], 2, "cannot listen on 256.1.1.1:8000: "),
    ],
)
def test_what_cannot_be_served(
    sample: archive.Archive, run: Run, options: list[str], code: int, said: str
) -> None:
    if "256.1.1.1" in options:
        options = [*options, "--insecure"]
    ran = run("-a", sample.path, "serve", *options)
    assert ran.code == code
    assert said in ran.err


def test_no_archive(empty: archive.Archive, run: Run) -> None:
    ran = run("-a", empty.path, "serve")
    assert ran == (2, b"", f"event-archive: no archive at {empty.path}; "
                   f"create one with: event-archive -a {empty.path} load SOURCE...\n")  # fmt: skip


def test_a_port_that_is_taken(sample: archive.Archive, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("-a", sample.path, "serve", "--port", str(port))
    assert ran.code == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in ran.err


@pytest.mark.parametrize(
    ("url", "code", "start_of_body"),
    [
        (URL, 0, SEED),
        (f"/api/0/organizations/{ORGANIZATION}/eventids/{'c' * 32}/", 1, b'{"detail":'),
        (f"/api/0/organizations/{ORGANIZATION}/eventids/123/", 2, b'{"detail":'),
        ("/api/0/nope/", 1, b""),
    ],
)
def test_one_request_without_a_server(
    sample: archive.Archive, run: Run, url: str, code: int, start_of_body: bytes
) -> None:
    ran = run("-a", sample.path, "serve", "--get", url)
    assert (ran.code, ran.err) == (code, "")
    assert ran.out.startswith(start_of_body)


def test_one_request_with_its_headers(sample: archive.Archive, run: Run) -> None:
    head, body = run("-a", sample.path, "serve", "--get", URL, "--headers").out.split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200\r\n")
    assert b"\r\ncontent-length: 8625" in head
    assert body == SEED


def test_hint_without_the_extra(sample: archive.Archive) -> None:
    code = (
        "import sys; sys.modules['starlette'] = None; from archive import cli; "
        f"sys.argv[1:] = ['-a', {str(sample.path)!r}, 'serve']; sys.exit(cli.run())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    hint = "event-archive serve requires additional packages: pip install 'event-archive[serve]'"
    assert (ran.returncode, ran.stderr) == (2, f"event-archive: {hint}\n")


def test_health_over_ipv6(sample: archive.Archive) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with start(sample.path, "--host", "::1") as running:
        assert running.ask("/healthz", host="::1")[0] == 200
