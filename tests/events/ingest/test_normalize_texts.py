"""Rules of single texts, taken from Relay's and Sentry's own tests and sources."""

from typing import Any

import pytest

from archive.events.ingest import normalize
from archive.events.ingest.functions import trim_function
from archive.events.ingest.interfaces import format_message
from archive.events.ingest.urls import split_url
from archive.events.protocol.scalars import parse_instant

MESSAGES = {
    "percent": ("hello, %s!", ["world"], "hello, world!"),
    "named": ("hello, %(name)s!", {"name": "world"}, "hello, world!"),
    "number": ("%d of %.1f", [3, 2.55], "3 of 2.5"),
    "escaped": ("100%% of %s", ["x"], "100% of x"),
    "curly": ("hello, {}!", ["world"], "hello, world!"),
    "indexed": ("{1} {0}", ["a", "b"], "b a"),
    "json": ("%s", [{"a": [1]}], '{"a":[1]}'),
    "missing": ("%s %s", ["a"], None),
    "wrong type": ("%d", ["a"], None),
    "nothing": ("hello", ["a"], None),
}


@pytest.mark.parametrize(("message", "params", "formatted"), MESSAGES.values(), ids=MESSAGES)
def test_message_is_formatted(message: str, params: Any, formatted: Any) -> None:
    assert format_message(message, params) == formatted


URLS = {
    "plain": ("http://a.b", "http://a.b/", None, None),
    "parts": ("HTTP://A.b:80/c?d=e#f", "http://a.b/c", "d=e", "f"),
    "port": ("https://a.b:8443/c", "https://a.b:8443/c", None, None),
    "dots": ("http://a.b/c/./d/../e", "http://a.b/c/e", None, None),
    "punycode": ("http://göögle.com/", "http://xn--ggle-5qaa.com/", None, None),
    "encoded": ("http://a.b/ü x", "http://a.b/%C3%BC%20x", None, None),
    "other scheme": ("app:///index.js?a", "app:///index.js", "a", None),
    "opaque": ("mailto:a@b.c", "mailto:a@b.c", None, None),
}


@pytest.mark.parametrize(("url", "base", "query", "fragment"), URLS.values(), ids=URLS)
def test_url_is_split(url: str, base: str, query: Any, fragment: Any) -> None:
    parsed = split_url(url)
    assert parsed is not None
    assert (parsed.base, parsed.query, parsed.fragment) == (base, query, fragment)


@pytest.mark.parametrize("url", ["a/b.html", "", "http://", "http://a b/", "http://a:99999/"])
def test_url_is_rejected(url: str) -> None:
    assert split_url(url) is None


OS_DESCRIPTIONS = {
    "Microsoft Windows 6.1.7601 S": ("Windows", "7"),
    "Windows 11 (10.0.22000)": ("Windows", "11"),
    "Mac OS X 10.14.2 (18C54)": ("macOS", "10.14.2"),
    "iOS 17.5.1": ("iOS", "17.5.1"),
    "Linux 5.10.0 Debian 11.2": ("Debian", "11.2"),
    "Darwin 17.5.0 Darwin Kernel": ("Darwin", None),
    "Android OS 11 / API-30 (RP1A)": ("Android", "11"),
    "Nintendo Switch": ("Nintendo OS", None),
    "BeOS 5": ("BeOS", "5"),
    "something else": (None, None),
}


@pytest.mark.parametrize("description", OS_DESCRIPTIONS)
def test_system_is_named_by_its_description(description: str) -> None:
    context = normalize({"contexts": {"os": {"raw_description": description}}})["contexts"]["os"]
    assert (context.get("name"), context.get("version")) == OS_DESCRIPTIONS[description]


WINDOWS_CHROME = (
    "Mozilla/5.0 (Windows NT 6.2; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/28.0.1500.72 Safari/537.36"
)
MAC_FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:122.0) Gecko/20100101 Firefox/122.0"
IPHONE_SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1"
)
AGENTS = {
    WINDOWS_CHROME: ("Chrome 28.0.1500", "Windows 8", None),
    MAC_FIREFOX: ("Firefox 122.0", "Mac OS X 10.15", "Mac"),
    IPHONE_SAFARI: ("Mobile Safari 17.4.1", "iOS 17.4.1", "iPhone"),
    "curl/7.54.0": ("curl 7.54.0", None, None),
    "unheard of": (None, None, None),
}


@pytest.mark.parametrize("agent", AGENTS)
def test_client_is_known_by_its_user_agent(agent: str) -> None:
    event = normalize({"request": {"headers": {"User-Agent": agent}}})
    tags = dict(event["tags"])
    assert (tags.get("browser"), tags.get("client_os"), tags.get("device")) == AGENTS[agent]


FUNCTIONS = {
    ("native", "void ns::f<int>(char const*) const"): "ns::f<T>",
    ("native", "<A as ns::Trait>::call"): "ns::Trait::call",
    ("native", "core::fmt::write::h0123456789abcdef"): "core::fmt::write",
    ("native", "operator<<(int)"): "operator<<",
    ("native", "?A0xc3a0617d::crash"): "`anonymous namespace'::crash",
    ("native", "_f@4"): "_f",
    ("native", "[NSArray foo]"): "[NSArray foo]",
    ("native", "<unknown>"): "<unknown>",
    ("swift", "@objc closure #1 in f(x:) -> Int"): "closure in f",
    ("csharp", "A.B (int a)"): "A.B",
    ("python", "f(int)"): "f(int)",
}


@pytest.mark.parametrize(("platform", "function"), FUNCTIONS)
def test_function_is_trimmed(platform: str, function: str) -> None:
    assert trim_function(function, platform) == FUNCTIONS[platform, function]


INSTANTS = {
    "2011-05-02T17:41:36Z": 1304358096.0,
    "2011-05-02T17:41:36": 1304358096.0,
    "2011-05-02 17:41:36.5": 1304358096.5,
    "2011-05-02T19:41:36.123456789+02:00": 1304358096.123457,
    "1969-12-31T23:59:59.5Z": -0.5,
    "yesterday": None,
    "2011-13-02T17:41:36Z": None,
}


@pytest.mark.parametrize("text", INSTANTS)
def test_instant_is_parsed(text: str) -> None:
    assert parse_instant(text) == INSTANTS[text]
