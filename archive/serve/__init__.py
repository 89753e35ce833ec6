"""The archive over HTTP, at the URLs of Sentry's API.

`endpoints` are plain functions of an archive and an `http.ApiRequest`. `routes` lists them, and
`openapi` generates a document from that list. `app` adds authentication, limits and the access log;
`server` runs it.
"""
