"""Sentry's search language: text to a tree (`parse`), the tree to SQL (`conditions`)."""
