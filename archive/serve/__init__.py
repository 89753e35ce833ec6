"""The archive over HTTP: Sentry's own URLs, answered offline, which its clients accept.

`requests` is what an endpoint is asked and replies; `events`, `issues` and `projects` are the
endpoints, plain functions of an archive; `routes` lists them, and the OpenAPI document is made
from that list. `app` puts them behind `gate` and `access`; `server` runs it.
"""
