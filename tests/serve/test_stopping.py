"""A request whose time is over, or whose client has gone, stops its query."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

import archive
from archive.serve.app import HEALTH, App, Settings
from archive.serve.handle import ArchiveHandle
from archive.serve.http import ApiResponse
from archive.serve.inprocess import request

ENDLESS = "SELECT sum(i) FROM range(1000000000000000) t(i)"


@pytest.mark.parametrize("stays", [True, False], ids=["timeout", "client gone"])
def test_the_query_is_stopped(
    sample: archive.Archive, monkeypatch: pytest.MonkeyPatch, stays: bool
) -> None:
    app = App(ArchiveHandle(sample.path), Settings(timeout=0.3 if stays else 30))

    def answer() -> ApiResponse:
        sample.sql(ENDLESS)
        return ApiResponse()

    async def leave() -> dict[str, Any]:
        await asyncio.sleep(0.1)
        return {"type": "http.disconnect"}

    monkeypatch.setitem(app._extras, HEALTH, answer)
    started = time.monotonic()
    asyncio.run(request(app, HEALTH, receive=None if stays else leave))
    app.close()  # waits for its threads
    assert time.monotonic() - started < 1
