"""The server keeps to its own OpenAPI document: schemathesis asks whatever the document allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import negative_data_rejection

import archive
from archive.serve.app import DOCUMENT, App, Settings
from archive.serve.handle import ArchiveHandle
from archive.serve.openapi import describe_server
from archive.serve.routes import ENDPOINTS, ROOT
from tests.builders import ORGANIZATION
from tests.serve.conftest import Fetch

# What the sample archive holds, so that not all that is asked for is missing.
KNOWN = {
    "organization": ORGANIZATION,
    "project": "checkout-api",
    "event_id": "e9b7f67e59e5479888be0aab37b4d394",
    "issue_id": "6014420188",
    "short_id": "CHECKOUT-API-1A",
    "key": "level",
}

schema = schemathesis.openapi.from_dict(describe_server())


@pytest.fixture(scope="module")
def app(sample: archive.Archive) -> Iterator[App]:
    app = App(ArchiveHandle(sample.path), Settings(hosts=("*",)))
    yield app
    app.close()


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
def test_server_keeps_to_its_document(app: App, case: Case[Any]) -> None:
    response = case.call(app=app)
    is_refused = response.status_code == 414  # a refusal that schemathesis does not count as one
    checks: list[Any] = [negative_data_rejection] if is_refused else []
    case.validate_response(response, excluded_checks=checks)
    case.path_parameters = {name: KNOWN[name] for name in case.path_parameters or {}}
    # Whether the rest of the request was meant to be refused is not known any more.
    case.call_and_validate(app=app, excluded_checks=[negative_data_rejection])


def test_document_is_served(fetch: Fetch) -> None:
    response = fetch(DOCUMENT)
    document = json.loads(response.body)
    assert set(document["paths"]) == {ROOT + endpoint.path for endpoint in ENDPOINTS}
    assert document == describe_server()
