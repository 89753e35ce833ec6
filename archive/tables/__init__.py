"""Rows on disk: Arrow schemas, parts, the index, the manifest and the commit."""
