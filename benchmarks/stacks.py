"""Applications and their code: functions with source lines, and stacks of them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from details import CONTEXTS, NOUNS, TAGS, Json, draw_members, draw_name

_words = str.split
VERBS = _words("apply build charge check close fetch find hold load merge parse post send sync")
LINES = {
    "python": (
        "        {a} = self.{b}_store.{v}({a}_id, tenant=request.tenant)",
        "        if {a} is None or {a}.{b} != {c}.{b}:",
        "            raise ValueError(f'{{{a}_id}} has no {b}')",
        "        for {c} in {a}.list_{b}s(limit=100):",
        "            {c}.{v}({b}, retries=3)",
        "        logger.info('%s {v}: %s', {a}.id, {b})",
        "        with transaction.atomic(using='{c}'):",
        "",
        "    def {v}_{a}(self, {a}_id: int, {b}: {C} | None = None) -> {C}:",
        "        return {a}.{v}({b}=self.{b}, {c}={c})",
    ),
    "javascript": (
        "  const {{ {a}, {b} }} = use{C}(props.{c}Id);",
        "  if (!{a} || {a}.{b} !== {c}.{b}) {{",
        "    throw new TypeError(`{a} has no {b}`);",
        "  {a}.{b}s.forEach(({c}) => {v}{C}({c}, {{ retries: 3 }}));",
        "  await {v}({a}.{b}, {{ signal: controller.signal }});",
        "}}",
        "",
        "export async function {v}{C}({a}: {C}, {b}?: number) {{",
        "  return dispatch({{ type: '{a}/{v}', payload: {{ {b}, {c} }} }});",
    ),
}
LIBRARIES = {
    "python": _words(
        "django/core/handlers/exception.py:inner django/core/handlers/base.py:_get_response "
        "django/utils/deprecation.py:__call__ django/db/models/query.py:_fetch_all "
        "django/db/models/sql/compiler.py:execute_sql django/db/backends/utils.py:_execute "
        "django/views/generic/base.py:dispatch django/utils/decorators.py:_wrapper "
        "rest_framework/views.py:dispatch rest_framework/serializers.py:is_valid "
        "requests/sessions.py:request requests/adapters.py:send urllib3/connectionpool.py:urlopen "
        "urllib3/connection.py:getresponse celery/app/trace.py:trace_task kombu/messaging.py:recv "
        "sentry_sdk/integrations/django/middleware.py:sentry_wrapped_callback "
        "redis/client.py:execute_command psycopg/cursor.py:execute botocore/client.py:_api_call"
    ),
    "javascript": _words(
        "react-dom/index.js:renderWithHooks react-dom/index.js:beginWork "
        "react-dom/index.js:commitRoot scheduler/index.js:flushWork redux/src/store.ts:dispatch "
        "axios/lib/core/Axios.js:request axios/lib/core/settle.js:settle lodash/debounce.js:invoke "
        "@sentry/browser/helpers.ts:sentryWrapped zone.js/dist/zone.js:runTask"
    ),
}
PACKAGES = _words(
    "amqp asgiref attrs billiard boto3 botocore celery certifi cffi charset-normalizer click "
    "cryptography django djangorestframework gunicorn idna jinja2 jmespath kombu lxml pillow "
    "psycopg pycparser pyjwt python-dateutil pytz redis requests s3transfer sentry-sdk six "
    "sqlparse urllib3 vine whitenoise"
)
SITE = {"python": "/usr/local/lib/python3.13/site-packages/", "javascript": "webpack:///"}
HOME = {"python": "/srv/app/", "javascript": "webpack:///./"}
FRAMES = {"python": (14, 50), "javascript": (4, 20)}  # fewest and most in a stack


@dataclass(frozen=True, slots=True)
class Function:
    """A function on a stack; `drift` is how many lines it moves down with each release."""

    filename: str
    abs_path: str
    module: str
    name: str
    line: int
    column: int | None
    drift: int
    source: tuple[str, ...] = ()

    @property
    def in_app(self) -> bool:
        return bool(self.source)

    def encode(self, release: int, with_source: bool = True) -> Json:
        """The frame as it is stored, with some lines around its own if they are the user's."""
        frame: Json = {
            "function": self.name, "module": self.module, "filename": self.filename,
            "abs_path": self.abs_path, "lineno": self.line + self.drift * release,
            "in_app": self.in_app,
        }  # fmt: skip
        if self.column is not None:
            frame["colno"] = self.column
        if self.source and with_source:
            *before, line = self.source[:6]
            frame |= {"pre_context": before, "context_line": line}
            frame["post_context"] = list(self.source[6:])
        return frame

    def draw_variables(self) -> Json:
        """Its local variables: always the same names, as in its code."""
        return draw_members(random.Random(f"{self.module}.{self.name}"), 6)


@dataclass(frozen=True, slots=True, eq=False)
class Application:
    """A project of Sentry's and the code that runs in it."""

    project_id: str
    slug: str
    platform: str
    own: tuple[Function, ...]
    libraries: tuple[Function, ...]
    packages: dict[str, str]
    contexts: dict[str, Json]
    tags: dict[str, str]
    bodies: tuple[Json, ...]
    extras: tuple[Json, ...]
    minified: bool

    @classmethod
    def draw(cls, project_id: str, slug: str, platform: str, rng: random.Random) -> Application:
        own = tuple(_draw_own(platform, rng) for _ in range(150))
        libraries = tuple(_draw_library(text, platform, rng) for text in LIBRARIES[platform])
        is_python = platform == "python"
        versions = {name: f"{rng.randrange(9)}.{rng.randrange(30)}.1" for name in PACKAGES}
        return cls(
            project_id,
            slug,
            platform,
            own,
            libraries,
            versions if is_python else {},
            {name: CONTEXTS[name] for name in rng.sample(sorted(CONTEXTS), 4)}
            | {draw_name(rng): {**draw_members(rng, 4), "type": "default"} for _ in range(3)},
            {name: TAGS[name] for name in rng.sample(sorted(TAGS), 10)},
            tuple(draw_members(rng, 6) for _ in range(12)),
            tuple(draw_members(rng, 5) for _ in range(6)),
            not is_python and rng.random() < 0.4,
        )

    @property
    def mechanism(self) -> str:
        """How the SDK catches what nobody handles."""
        return "django" if self.platform == "python" else "onerror"

    def draw_stack(self, rng: random.Random) -> tuple[Function, ...]:
        """Libraries first, some code of the application's own in between, and at the end."""
        size = draw_skewed(rng, *FRAMES[self.platform])
        stack = [
            _choose(self.own if rng.random() < 0.24 else self.libraries, rng) for _ in range(size)
        ]
        return (*stack[:-1], _choose(self.own, rng))


def draw_skewed(rng: random.Random, low: int, high: int) -> int:
    """A number between two bounds, mostly near the lower: the mean is a fifth of the way up."""
    return low + int((high - low + 1) * rng.random() ** 4)


def _choose(functions: tuple[Function, ...], rng: random.Random) -> Function:
    """One of some functions: a few of them are everywhere."""
    return functions[int(len(functions) * rng.random() ** 2)]


def _draw_library(text: str, platform: str, rng: random.Random) -> Function:
    path, _, name = text.partition(":")
    module = path.rpartition(".")[0]
    module = module.replace("/", ".") if platform == "python" else module
    column = None if platform == "python" else rng.randrange(1, 90)
    return Function(path, SITE[platform] + path, module, name, rng.randrange(20, 900), column, 0)


def _draw_own(platform: str, rng: random.Random) -> Function:
    package, file, thing = rng.sample(NOUNS, 3)
    verb = rng.choice(VERBS)
    if platform == "python":
        path, name, column = f"acme/{package}/{file}s.py", f"{verb}_{thing}", None
        module = path.removesuffix(".py").replace("/", ".")
    else:
        path, name = f"src/{package}/{file.title()}List.tsx", verb + thing.title()
        module, column = path.removesuffix(".tsx"), rng.randrange(1, 90)
    source = tuple(_draw_line(platform, rng) for _ in range(11))
    line, drift = rng.randrange(20, 900), rng.choice((0, 0, 0, 1, 2, 7))
    return Function(path, HOME[platform] + path, module, name, line, column, drift, source)


def _draw_line(platform: str, rng: random.Random) -> str:
    a, b, c = rng.sample(NOUNS, 3)
    line = rng.choice(LINES[platform])
    return line.format(a=a, b=b, c=c, C=c.title(), v=rng.choice(VERBS))
