"""Bearer tokens and accepted Host headers."""

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
_MIN_TOKEN_CHARS = 16
# As Sentry sends it (api/authentication.py: QuietBasicAuthentication).
CHALLENGE = 'xBasic realm="api"'
LOCAL = ("127.0.0.1", "::1", "localhost")


class _Token(NamedTuple):
    digest: bytes
    organizations: frozenset[str] | None


class Tokens:
    """The tokens of a file: one per line, optionally followed by the organizations it may read.

    Empty lines and lines that start with # are ignored. Only digests are kept in memory.
    """

    def __init__(self, path: str | Path) -> None:
        """Raises InvalidTokens."""
        self.path = Path(path)
        self._tokens = self._read()

    def reload(self) -> None:
        """Read the file again. Raises InvalidTokens and keeps the old tokens."""
        self._tokens = self._read()

    def check(self, authorization: str | None) -> frozenset[str] | None:
        """Return the organizations that a request may read; None for all. Raises ApiError.

        Every token is compared in constant time.
        """
        match = _BEARER.fullmatch(authorization or "")
        if match is None:
            detail = "Authentication credentials were not provided."
            raise ApiError(401, detail, WWW_Authenticate=CHALLENGE)
        digest = _digest(match[1])
        matches = [token for token in self._tokens if hmac.compare_digest(token.digest, digest)]
        if not matches:
            raise ApiError(401, "Invalid token", WWW_Authenticate=CHALLENGE)
        return matches[0].organizations

    def _read(self) -> list[_Token]:
        try:
            lines = self.path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidTokens(path=self.path, reason=str(error)) from error
        words = [line.split() for line in lines if line.strip() and not line.startswith("#")]
        if not words:
            raise InvalidTokens(path=self.path, reason="contains no token")
        if any(len(token) < _MIN_TOKEN_CHARS for token, *_ in words):
            reason = f"a token is shorter than {_MIN_TOKEN_CHARS} characters"
            raise InvalidTokens(path=self.path, reason=reason)
        return [_Token(_digest(token), frozenset(named) or None) for token, *named in words]


def check_host(host: str, allowed: Iterable[str]) -> None:
    """Refuse unknown Host headers, to prevent DNS rebinding. Raises ApiError."""
    name = re.sub(r":\d+$", "", host).strip("[]").lower()
    if not any(name == known.lower() or known == "*" for known in allowed):
        raise ApiError(400, "Invalid Host header")


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
