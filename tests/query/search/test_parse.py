"""What a search means; the queries of Sentry's fixtures/search-syntax, restated."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.errors import InvalidSearch
from archive.query.search.conditions import compile_search
from archive.query.search.parse import MAX_DEPTH, MAX_FILTERS, parse_search
from archive.query.search.tree import And, Filter, Has, Is, Node, Or


def _is(key: str, *values: str, not_: bool = False, op: str = "=", tag: bool = False) -> Filter:
    return Filter(key, values, op, not_, tag)


def _text(words: str) -> Filter:
    return Filter("message", (words,))


def _all(*parts: Node) -> And:
    return And(parts)


_RELEASE = _is("release", "1.2.1")
_FOO = _is("user.email", "foo@example.com")
_HELLO = _is("test", "hello")
_EMAILS = ("test@test.com", "test@test2.com", "test@test3.com")
_THREE = _is("project_id", "500", "501", "502")

SENTRY: dict[str, Node] = {
    # basic_fallthrough, custom_tag, other_dates, rel_time_filter, numeric_filter: texts have no
    # order, so an operator belongs to the value
    "random:<hello": _is("random", "hello", op="<"),
    "random:<512.1.0": _is("random", "512.1.0", op="<"),
    "random:2018-01-01": _is("random", "2018-01-01"),
    "random:2018-01-01T05:06:07": _is("random", "2018-01-01T05:06:07"),
    "random:+7d": _is("random", "+7d"),
    "random:-2w": _is("random", "-2w"),
    "random:>2018-01-01": _is("random", "2018-01-01", op=">"),
    "random:>2015-05-18": _is("random", "2015-05-18", op=">"),
    "random:hello": _is("random", "hello"),
    "random:123": _is("random", "123"),
    "fruit:apple release:1.2.1": _all(_is("fruit", "apple"), _RELEASE),
    "p95:>5s": _is("p95", "5s", op=">"),
    "p95:>5k": _is("p95", "5k", op=">"),
    "random_field:>500": _is("random_field", "500", op=">"),
    "!random_field:>500": _is("random_field", "500", op=">", not_=True),
    "!random_field:500": _is("random_field", "500", not_=True),
    # boolean_filter, boolean_filter_passthrough, negated_on_boolean_values_and_non_boolean_field
    "stack.in_app:true": _is("stack.in_app", "true"),
    "stack.in_app:TRUE": _is("stack.in_app", "TRUE"),
    "stack.in_app:1": _is("stack.in_app", "1"),
    "stack.in_app:false": _is("stack.in_app", "false"),
    "stack.in_app:FALSE": _is("stack.in_app", "FALSE"),
    "stack.in_app:0": _is("stack.in_app", "0"),
    "!stack.in_app:false": _is("stack.in_app", "false", not_=True),
    "project_id:1": _is("project_id", "1"),
    "!user.id:true": _is("user.id", "true", not_=True),
    "!user.id:1": _is("user.id", "1", not_=True),
    # custom_explicit_tag, explicit_string_tag, explicit_tags_in_filter
    "tags[fruit]:apple release:1.2.1 tags[project_id]:123": _all(
        _is("fruit", "apple", tag=True), _RELEASE, _is("project_id", "123", tag=True)
    ),
    "tags[fruit,string]:apple release:1.2.1 tags[project_id,string]:123": _all(
        _is("fruit", "apple", tag=True), _RELEASE, _is("project_id", "123", tag=True)
    ),
    "tags[fruit]:[apple, pear]": _is("fruit", "apple", "pear", tag=True),
    'tags[fruit]:["apple wow", "pear"]': _is("fruit", "apple wow", "pear", tag=True),
    "tags[fruit,string]:[apple, pear]": _is("fruit", "apple", "pear", tag=True),
    'tags[fruit,string]:["apple wow", "pear"]': _is("fruit", "apple wow", "pear", tag=True),
    # contains_operator, starts_with_operator, ends_with_operator
    "browser.name:\uf00dContains\uf00dfirefox": _is("browser.name", "*firefox*"),
    "browser.name:\uf00dContains\uf00d[firefox, chrome]": _is(
        "browser.name", "*firefox*", "*chrome*"
    ),
    "!browser.name:\uf00dContains\uf00dfirefox": _is("browser.name", "*firefox*", not_=True),
    "browser.name:\uf00dStartsWith\uf00dfirefox": _is("browser.name", "firefox*"),
    "!browser.name:\uf00dStartsWith\uf00d[firefox, chrome]": _is(
        "browser.name", "firefox*", "chrome*", not_=True
    ),
    "browser.name:\uf00dEndsWith\uf00dfirefox": _is("browser.name", "*firefox"),
    # disallow_wildcard_filter, wildcard_operators, leading_, trailing_ and surrounded_operator
    "freeTextWith*": _text("freeTextWith*"),
    "release:[*]": _is("release", "*"),
    "release:*": _is("release", "*"),
    "release*:1": _text("release*:1"),
    "rele*ase": _text("rele*ase"),
    "foo:bar": _is("foo", "bar"),
    "foo:*": _is("foo", "*"),
    "foo:**": _is("foo", "**"),
    "foo:*bar": _is("foo", "*bar"),
    "foo:bar*": _is("foo", "bar*"),
    "foo:*bar*": _is("foo", "*bar*"),
    'foo:"*em*"': _is("foo", "*em*"),
    'foo:"*e m*"': _is("foo", "*e m*"),
    # duration_filter, duration_on_non_duration_field, *_measurements_filter, *_op_breakdowns_filter
    "transaction.duration:>500s": _is("transaction.duration", "500s", op=">"),
    "!transaction.duration:500s": _is("transaction.duration", "500s", not_=True),
    "transaction.duration:>2m": _is("transaction.duration", "2m", op=">"),
    "transaction.duration:>3.1415": _is("transaction.duration", "3.1415", op=">"),
    "user.id:500s": _is("user.id", "500s"),
    "!user.id:500s": _is("user.id", "500s", not_=True),
    "measurements.fp:1.5s": _is("measurements.fp", "1.5s"),
    "measurements.fp:>1.5s": _is("measurements.fp", "1.5s", op=">"),
    "measurements.size:<3.1415": _is("measurements.size", "3.1415", op="<"),
    "spans.browser:>1.5s": _is("spans.browser", "1.5s", op=">"),
    # empty_filter_value, empty_spaces_stripped_correctly, multiple_quotes
    'device.family:""': _is("device.family", ""),
    "event.type:transaction   transaction:/organizations/:orgId/discover/results/": _all(
        _is("event.type", "transaction"),
        _is("transaction", "/organizations/:orgId/discover/results/"),
    ),
    'device.family:"" browser.name:"Chrome"': _all(
        _is("device.family", ""), _is("browser.name", "Chrome")
    ),
    'device.family:"\\"" browser.name:"Chrome"': _all(
        _is("device.family", '"'), _is("browser.name", "Chrome")
    ),
    # escaped_quote_value, escaped_quotes, sooo_many_quotes
    'device.family:\\"': _is("device.family", '"'),
    'device.family:te\\"st': _is("device.family", 'te"st'),
    'url:"te"st': _all(_is("url", "te"), _text("st")),
    'release:"a\\"thing\\""': _is("release", 'a"thing"'),
    'release:"a\\"\\"release"': _is("release", 'a""release'),
    'device.family:"' + '\\"' * 10 + '"': _is("device.family", '"' * 10),
    # free_text_search_anywhere, simple, quoted_free_text_search_anywhere
    "hello what user.email:foo@example.com where release:1.2.1 when": _all(
        _text("hello what"), _FOO, _text("where"), _RELEASE, _text("when")
    ),
    "hello": _text("hello"),
    "  hello  ": _text("hello"),
    "  hello   there": _text("hello   there"),
    "  hello   there:bye": _all(_text("hello"), _is("there", "bye")),
    "user.email:foo@example.com release:1.2.1 hello": _all(_FOO, _RELEASE, _text("hello")),
    "hello user.email:foo@example.com release:1.2.1": _all(_text("hello"), _FOO, _RELEASE),
    '"hello there" user.email:foo@example.com "general kenobi"': _all(
        _text("hello there"), _FOO, _text("general kenobi")
    ),
    ' " hello " ': _text(" hello "),
    ' " he\\"llo " ': _text(' he"llo '),
    # has_tag, not_has_tag
    "has:release": Has("release"),
    'has:"hi:there"': Has("hi:there"),
    "!has:release": Has("release", negated=True),
    '!has:"hi:there"': Has("hi:there", negated=True),
    # newline_within_quote, tab_within_quote, tab_outside_quote
    'release:"a\nrelease"': _is("release", "a\nrelease"),
    'release:"a\trelease"': _is("release", "a\trelease"),
    "release:a\trelease": _all(_is("release", "a"), _text("\trelease")),
    # numeric_filter, numeric_filter_with_shorthand, numeric_in_filter
    "project_id:-500": _is("project_id", "-500"),
    "!issue.id:500": _is("issue.id", "500", not_=True),
    "issue.id:<500": _is("issue.id", "500", op="<"),
    "stack.colno:>3k": _is("stack.colno", "3k", op=">"),
    "stack.colno:>3m": _is("stack.colno", "3m", op=">"),
    "stack.colno:>3b": _is("stack.colno", "3b", op=">"),
    "project_id:[500,501,502]": _THREE,
    "project_id:[500, 501,     502]": _THREE,
    "project_id:[500, 501 ,502]": _THREE,
    "project_id:[500,501,502] issue.id:[100]": _all(_THREE, _is("issue.id", "100")),
    "project_id:[500,501,502] random_field:[500,501,502]": _all(
        _THREE, _is("random_field", "500", "501", "502")
    ),
    "!project_id:[500,501]": _is("project_id", "500", "501", not_=True),
    # timestamp, timestamp_rollup, specific_time_filter
    "timestamp:>2015-05-18": _is("timestamp", "2015-05-18", op=">"),
    "timestamp:>2015-05-18T10:15:01": _is("timestamp", "2015-05-18T10:15:01", op=">"),
    "timestamp:>2015-05-18T10:15:01.103": _is("timestamp", "2015-05-18T10:15:01.103", op=">"),
    "timestamp:>2015-05-18T10:15:01.103Z": _is("timestamp", "2015-05-18T10:15:01.103Z", op=">"),
    "timestamp.to_hour:>2018-01-01T05:06:07+00:00": _is(
        "timestamp.to_hour", "2018-01-01T05:06:07+00:00", op=">"
    ),
    "timestamp.to_hour:2018-01-01T05:06:07+00:00": _is(
        "timestamp.to_hour", "2018-01-01T05:06:07+00:00"
    ),
    "firstSeen:2018-01-01": _is("firstSeen", "2018-01-01"),
    "lastSeen:2018-01-01T05:06:07Z": _is("lastSeen", "2018-01-01T05:06:07Z"),
    "firstSeen:2018-01-01T05:06:07+00:00": _is("firstSeen", "2018-01-01T05:06:07+00:00"),
    "firstSeen:+7d": _is("firstSeen", "+7d"),
    "firstSeen:-2w": _is("firstSeen", "-2w"),
    # quoted_key, quoted_val
    '"hi:there":value': _is("hi:there", "value"),
    '!"hi:there":value': _is("hi:there", "value", not_=True),
    'release:"a release"': _is("release", "a release"),
    '!release:"a release"': _is("release", "a release", not_=True),
    'release:["a release"]': _is("release", "a release"),
    'release:["a release","b release"]': _is("release", "a release", "b release"),
    'release:["a release",    "b release", "c release"]': _is(
        "release", "a release", "b release", "c release"
    ),
    '!release:["a release","b release"]': _is("release", "a release", "b release", not_=True),
    'release:["a release"] hello:["123"]': _all(_is("release", "a release"), _is("hello", "123")),
    # quotes_filtered_on_raw
    'thinger:unknown "what is this?"': _all(_is("thinger", "unknown"), _text("what is this?")),
    '"thinger:unknown what is this?"': _text("thinger:unknown what is this?"),
    'end"': _text('end"'),
    '"beginning': _text('"beginning'),
    '"': _text('"'),
    '""': _all(),
    '" "': _text(" "),
    '""woof"': _text('woof"'),
    '"""""""""': _text('"'),
    # semver
    "release.version:>1.2.3": _is("release.version", "1.2.3", op=">"),
    "release.version:>1.2.3-hi": _is("release.version", "1.2.3-hi", op=">"),
    "release.version:>=1.2.3-hi": _is("release.version", "1.2.3-hi", op=">="),
    "release.version:1.2.3-hi": _is("release.version", "1.2.3-hi"),
    # simple_in
    "user.email:[test@test.com] test:[hello]": _all(_is("user.email", "test@test.com"), _HELLO),
    "user.email:[test@test.com,test2@test.com,test3@test.com] test:[hello]": _all(
        _is("user.email", "test@test.com", "test2@test.com", "test3@test.com"), _HELLO
    ),
    "!user.email:[test@test.com, test@test2.com,     test@test3.com] test:[hello]": _all(
        _is("user.email", *_EMAILS, not_=True), _HELLO
    ),
    "test:h[e]llo]": _is("test", "h[e]llo]"),
    "test:[h[e]llo": _is("test", "[h[e]llo"),
    'test:"[h]"': _is("test", "[h]"),
    "test:[h]*": _is("test", "[h]*"),
    "test:[h e]": _all(_is("test", "[h"), _text("e]")),
    "test:[]": _is("test", "[]"),
    'user.email:[test@test.com, "hi", 1]': _is("user.email", "test@test.com", "hi", "1"),
    'user.email:[test@test.com, "hi", 1.0]': _is("user.email", "test@test.com", "hi", "1.0"),
    "test:[[h]]": _is("test", "[h]"),
    "test:[a, [h]]": _is("test", "a", "[h]"),
    "user.email:[test@test.com]user.email:hello@hello.com": _is(
        "user.email", "[test@test.com]user.email:hello@hello.com"
    ),
    # supported_tags
    'browser:"chrome" os:*windows*': _all(_is("browser", "chrome"), _is("os", "*windows*")),
}


@pytest.mark.parametrize("query", SENTRY)
def test_as_in_sentry(query: str) -> None:
    assert parse_search(query) == SENTRY[query]


class Different(NamedTuple):
    """A query of Sentry's fixtures that means something else here, and why."""

    meaning: Node | str  # a string is a part of the error
    reason: str


_AGGREGATE = "Aggregate functions are not supported"
_NO_GROUPS = "a search selects events one by one; `sql` and `report` aggregate them"
_TYPED = "Only tags of type string"
_NO_TYPES = "tags of events are texts; only spans and logs have typed attributes"
_NO_REGEX = "regular expressions need a flag in Sentry, without which this is a text"

DIFFERENT = {
    'has:"hi there"': Different(Has("hi there"), "exported tags may have spaces in their keys"),
    "avg(transaction.duration):>500s": Different(_AGGREGATE, _NO_GROUPS),
    "TypeError avg(transaction.duration):>500s": Different(_AGGREGATE, _NO_GROUPS),
    "TypeError count():>10": Different(_AGGREGATE, _NO_GROUPS),
    "last_seen():+7d": Different(_AGGREGATE, _NO_GROUPS),
    "last_seen():-2w": Different(_AGGREGATE, _NO_GROUPS),
    "avg(transaction.duration):>..500s": Different(_AGGREGATE, _NO_GROUPS),
    "percentile(measurements.fp,):3.3s": Different(_AGGREGATE, _NO_GROUPS),
    "min(measurements.size):<3k": Different(_AGGREGATE, _NO_GROUPS),
    "count_unique(tags[foo]):>500": Different(_AGGREGATE, _NO_GROUPS),
    "avg(tags[foo:bar,number]):>500": Different(_AGGREGATE, _NO_GROUPS),
    "count_if(user.email,equals,test+something@example.com):>100": Different(
        _AGGREGATE, _NO_GROUPS
    ),
    'count_if(user.email,equals,"I, got my own \\"quotes\\""):>100': Different(
        _AGGREGATE, _NO_GROUPS
    ),
    "tags[foo,number]:456 release:1.2.1": Different(_TYPED, _NO_TYPES),
    "tags[foo,boolean]:true release:1.2.1": Different(_TYPED, _NO_TYPES),
    "tags[fruit[*],array]:apple release:1.2.1": Different(_TYPED, _NO_TYPES),
    "tags[fruit,array][*]:[apple, pear]": Different(_TYPED, _NO_TYPES),
    "!browser.name://fire.*fox//": Different(
        _is("browser.name", "//fire.*fox//", not_=True), _NO_REGEX
    ),
    "message://a b//x": Different(_all(_text("//a"), _text("b//x")), _NO_REGEX),
}


@pytest.mark.parametrize("query", DIFFERENT)
def test_unlike_sentry(query: str) -> None:
    meaning = DIFFERENT[query].meaning
    if isinstance(meaning, str):
        with pytest.raises(InvalidSearch, match=meaning):
            parse_search(query)
    else:
        assert parse_search(query) == meaning


_A, _B, _C = _is("a", "b"), _is("c", "d"), _is("e", "f")

OWN: dict[str, Node] = {
    "": _all(),
    "is:unresolved": Is("unresolved"),
    "!is:unresolved": Is("unresolved", negated=True),
    "has:tags[level]": Has("level", is_tag=True),
    '"my key":value': _is("my key", "value"),
    'tags["my key"]:value': _is("my key", "value", tag=True),
    "tags[sentry:user]:x": _is("user", "x", tag=True),
    "a:!=b": _is("a", "b", not_=True),
    "!a:!=b": _is("a", "b"),
    "a:b c:d e:f": _all(_A, _B, _C),
    "a:b OR c:d": Or((_A, _B)),
    "a:b or c:d and e:f": Or((_A, _all(_B, _C))),
    "(a:b OR c:d) e:f": _all(Or((_A, _B)), _C),
    "((a:b))": _A,
    "call foo(bar) now": _text("call foo(bar) now"),
    "()": _text("()"),
    "foo (a:b)": _all(_text("foo"), _A),
}


@pytest.mark.parametrize("query", OWN)
def test_grammar(query: str) -> None:
    assert parse_search(query) == OWN[query]


INVALID = {
    "(level:error": r"Parse error at '\(level' \(column 1\)\. This is commonly caused by unmatched",
    "level:error)": r"Parse error at 'rror\)' \(column 12\)",
    "a (b (c:d)": r"Parse error at 'a \(b \(c:' \(column 3\)",
    "( )": "Parse error",
    "a\nb": "Parse error",
    "device.family:": "Empty string after 'device.family:'",
    "project_id:[500,501,]": "Lists should not have empty values",
    "user.email:[test@test.com, ]": "Lists should not have empty values",
    'device.family:"test': "Invalid quote at '\"test': quotes must enclose text or be escaped",
    'url:test"': "Invalid quote",
    'url:"test transaction:abadcafe': "Invalid quote",
    'url:te"st transaction:abadcafe': "Invalid quote",
    "has:a/b": 'Invalid format for "has" search',
    "is:[new,ongoing]": '"in" syntax invalid for "is" search',
    "is:nope": r"Invalid value for \"is\" search, valid values are \['archived', 'assigned', ",
    "OR a:b": "Condition is missing on the left side of 'OR' operator",
    "a:b Or And c:d": "Missing condition in between two condition operators: 'OR AND'",
    "a:b AND c:d AND": "Condition is missing on the right side of 'AND' operator",
    "(OR a:b) AND c:d": "Condition is missing on the left side of 'OR' operator",
    "stack.in_app:lol": "stack.in_app: Invalid boolean: lol. Expected true, 1, false, or 0.",
    "stack.in_app:123": "Invalid boolean: 123",
    "stack.in_app:>true": "Invalid boolean: >true",
    "timestamp:hello": r"timestamp: Invalid date: hello. Expected \+/-duration \(e.g. \+1h\) or",
    "timestamp:123": "Invalid date: 123",
    "timestamp:>x": "Invalid date: >x",
    "timestamp:2018-01-01T00:01ZZ": "Invalid date",
    "timestamp:2018-02-31": "Invalid date",
    "timestamp:>0001-01-01T00:00:00+23:59": "Invalid date",
    "timestamp:-999999999w": "Invalid date",
    "project.id:one": "project.id: Invalid number: one. Expected number then optional k, m, or b",
    "issue.id:two": "Invalid number: two",
    "stack.colno:>3s": "Invalid number: >3s",
    "id:zzz": "`id` must be a valid UUID hex",
    "level:\ud800": "not valid Unicode",
    "(" * (MAX_DEPTH + 1): f"nested more than {MAX_DEPTH} deep",
    "a:b " * (MAX_FILTERS + 1): f"at most {MAX_FILTERS} conditions",
}


@pytest.mark.parametrize("query", INVALID, ids=lambda query: ascii(query[:30]))
def test_invalid(query: str) -> None:
    with pytest.raises(InvalidSearch, match=INVALID[query]):
        compile_search(query)


_PIECES = ["(", ")", '"', "\\", "[", "]", ",", ":", "!", "*", " ", "\n", "OR", "a:", "k:[", "é"]
_WORDS = st.lists(st.sampled_from(_PIECES) | st.text(max_size=3)).map("".join)


@given(_WORDS)
@example("level:error OR (has:user AND !a:[b,c])")
def test_any_text_is_a_search_or_invalid(text: str) -> None:
    try:
        condition = compile_search(text)
    except InvalidSearch:
        return
    assert all(f"${name}" in condition.sql for name in condition.values)


@pytest.mark.parametrize(
    "piece", ["k:[a, ", "(a ", 'x "a ', '"\\" ', "tags[", "a(", '"a":"', "a ("]
)
def test_time_is_linear(piece: str) -> None:
    """Ten times as much text takes about ten times as long, not a hundred times."""

    def measure(length: int) -> float:
        text = piece * (length // len(piece))
        began = time.process_time()
        with suppress(InvalidSearch):
            parse_search(text)
        return time.process_time() - began

    assert measure(200_000) < 40 * max(measure(20_000), 0.002)
