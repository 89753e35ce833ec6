"""Function names without return types, arguments and generics.

Sentry, src/sentry/stacktraces/functions.py: the name shown is trimmed when the event is stored,
and `raw_function` keeps the one that was sent.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

NAMES_KEPT = 4096  # of at most 276 characters
NATIVE = ("c", "cocoa", "native", "objc", "swift")
NAMELESS = ("<redacted>", "<unknown>")
OBJECTIVE_C = ("[", "+[", "-[")
CLOSING = {"(": ")", "{": "}", "[": "]", "<": ">"}
KEPT_ARGUMENTS = ("anonymous namespace", "operator")
BREAK = re.compile(r"\s|[({<\[]")
TRAILER = re.compile(r"(?:\bconst\b|&)$")
BLANKET = re.compile(r"^[A-Z] as ")
LAMBDA = re.compile(r"\{lambda\(.*?\)#\d+\}|\blambda_[a-f0-9]{32}\b|\$_\d+\b")
ANONYMOUS = re.compile(r"\?A0x[a-f0-9]{8}::")
RUST_HASH = re.compile(r"::h[a-z0-9]{16}$")
GNU_VERSION = re.compile(r"@@?GLIBC_[0-9.]+$")
WINDOWS_SIZE = re.compile(r"^@?(.*?)@[0-9]+$")
OPERATORS = (
    ("operator<<", "operator⟨⟨"),
    ("operator<", "operator⟨"),
    ("operator()", "operator◯"),
    ("operator->", "operator⟿"),
    (" -> ", " ⟿ "),
    ("`anonymous namespace'", "⦃anonymous⦄"),
)
RESTORED = (
    ("⟨", "<"),
    ("◯", "()"),
    ("⟿", "->"),
    ("⦃anonymous⦄", "`anonymous namespace'"),
)


def trim_frame_function(frame: dict[str, Any], platform: str | None) -> None:
    """Shorten the function name of a frame, unless that was done before."""
    function = frame.get("function")
    if not function or frame.get("raw_function") is not None:
        return
    trimmed = trim_function(function, frame.get("platform") or platform)
    if trimmed != function:
        frame["function"], frame["raw_function"] = trimmed, function


@lru_cache(NAMES_KEPT)
def trim_function(function: str, platform: str | None) -> str:
    """Shorten a function name by the rules of its platform."""
    if platform == "csharp":
        return function.split(" (", 1)[0]
    return trim_native_function(function, platform) if platform in NATIVE else function


def trim_native_function(function: str, platform: str | None) -> str:
    """Shorten a demangled name of C++, Rust, Swift or Objective-C."""
    stripped = function.strip()
    if function in NAMELESS or stripped.startswith(OBJECTIVE_C):
        return stripped
    name = _replace_enclosed(stripped, "[", _drop_clone).rstrip()
    while match := TRAILER.search(name):
        name = name[: match.start()].rstrip()
    for old, new in OPERATORS:
        name = name.replace(old, new)
    name = ANONYMOUS.sub("⦃anonymous⦄::", LAMBDA.sub("lambda", name))
    name = _replace_enclosed(name, "(", _drop_arguments)
    name = _replace_enclosed(name, "<", _shorten_generics)
    return _drop_decorations(_choose_token(name, platform) or function)


def _drop_clone(content: str, start: int) -> str:
    return "" if content.startswith("clone .") else f"[{content}]"


def _drop_arguments(content: str, start: int) -> str:
    return f"({content.strip()})" if content.strip() in KEPT_ARGUMENTS else ""


def _shorten_generics(content: str, start: int) -> str:
    if content == "lambda" or LAMBDA.match(content):
        return f"<{content}>"
    if start > 0:
        return "<T>"
    trait = _replace_enclosed(BLANKET.sub("", content), "<", _shorten_generics)
    return trait.split(" as ", 1)[0]


def _choose_token(name: str, platform: str | None) -> str | None:
    tokens = _split_tokens(name)
    if len(tokens) > 1 and tokens[-1] == "<T>":
        tokens[-2:] = [f"{tokens[-2]} <T>"]
    if not tokens:
        return None
    word = _find_name(name, tokens)
    if word.startswith("@") and platform in ("cocoa", "swift"):
        word = "thunk for closure" if "thunk for " in name else "closure"
    elif "closure" in tokens and word != "closure":
        word = f"closure in {word}"
    for old, new in RESTORED:
        word = word.replace(old, new)
    return word


def _find_name(name: str, tokens: list[str]) -> str:
    if "initialization expression of" in name and "of" in tokens:
        after = tokens[len(tokens) - tokens[::-1].index("of") :]
        if len(after) > 1 and after[0] == "static":
            del after[0]
        return f"initializer expression of {''.join(after[:1]).removeprefix(':')}"
    if "⟿" in tokens:
        arrow = len(tokens) - 1 - tokens[::-1].index("⟿")
        return tokens[arrow - 2] if tokens[arrow - 1] == "throws" else tokens[arrow - 1]
    return tokens[-1]


def _drop_decorations(name: str) -> str:
    if "::h" in name:
        name = RUST_HASH.sub("", name)
    if "@GLIBC_" in name:
        name = GNU_VERSION.sub("", name)
    return WINDOWS_SIZE.sub(r"\1", name) if "@" in name else name


def _replace_enclosed(text: str, opening: str, replace: Callable[[str, int], str]) -> str:
    if opening not in text:
        return text
    closing = CLOSING[opening]
    depth = start = 0
    parts = []
    for index, character in enumerate(text):
        if character == opening:
            if depth == 0:
                start = index
            depth += 1
        elif character == closing:
            depth -= 1
            if depth == 0:
                parts.append(replace(text[start + 1 : index], start))
        elif depth == 0:
            parts.append(character)
    return "".join(parts)


def _split_tokens(text: str) -> list[str]:
    """Split at white space outside of brackets; what follows an unclosed one is lost."""
    if BREAK.search(text) is None:
        return [text] if text else []
    tokens: list[str] = []
    open_brackets: list[str] = []
    token, start = "", 0
    for index, character in enumerate(text):
        if character in CLOSING:
            open_brackets.append(CLOSING[character])
        elif open_brackets and character == open_brackets[-1]:
            open_brackets.pop()
            if not open_brackets:
                token, start = token + text[start : index + 1], index + 1
        elif not open_brackets:
            if character.isspace():
                tokens.append(token)
                token = ""
            else:
                token += text[start : index + 1]
            start = index + 1
    return [token for token in (*tokens, token) if token]
