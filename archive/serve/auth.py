"""Who may ask: bearer tokens, and the names under which the server may be called."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from archive.errors import InvalidTokens
from archive.serve.http import ApiError

_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_SHORTEST = 16
# What Sentry's own answer asks for (api/authentication.py: QuietBasicAuthentication).
CHALLENGE = 'xBasic realm="api"'
LOCAL = ("127.0.0.1", "::1", "localhost")


class _Token(NamedTuple):
    digest: bytes
    organizations: frozenset[str] | None


class Tokens:
    """The tokens of a file: one a line, then the slugs it may read, or none for all.

    Only their digests are kept; empty lines and those that begin with # count for nothing.
    """

    def __init__(self, path: str | Path) -> None:
        """Raises InvalidTokens."""
        self.path = Path(path)
        self._tokens = self._read()

    def reload(self) -> None:
        """Read the file again. Raises InvalidTokens, and the tokens stay as they were."""
        self._tokens = self._read()

    def check(self, authorization: str | None) -> frozenset[str] | None:
        """The organizations that a request may read, None for all.

        Every token is compared, each in constant time. Raises Refused.
        """
        match = _BEARER.fullmatch(authorization or "")
        if match is None:
            detail = "Authentication credentials were not provided."
            raise ApiError(401, detail, WWW_Authenticate=CHALLENGE)
        digest = _digest(match[1])
        found = [token for token in self._tokens if hmac.compare_digest(token.digest, digest)]
        if not found:
            raise ApiError(401, "Invalid token", WWW_Authenticate=CHALLENGE)
        return found[0].organizations

    def _read(self) -> list[_Token]:
        try:
            lines = self.path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidTokens(path=self.path, reason=str(error)) from error
        words = [line.split() for line in lines if line.strip() and not line.startswith("#")]
        if not words:
            raise InvalidTokens(path=self.path, reason="no token in it")
        if any(len(token) < _SHORTEST for token, *_ in words):
            reason = f"a token of less than {_SHORTEST} characters can be guessed"
            raise InvalidTokens(path=self.path, reason=reason)
        return [_Token(_digest(token), frozenset(named) or None) for token, *named in words]


def check_host(host: str, allowed: Iterable[str]) -> None:
    """Refuse a Host header that names another server, as a rebound DNS name does."""
    name = re.sub(r":\d+$", "", host).strip("[]").lower()
    if not any(name == known.lower() or known == "*" for known in allowed):
        raise ApiError(400, "Invalid Host header")


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
