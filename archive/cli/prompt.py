"""The prompt of the shell: history, completion and highlighting, by prompt_toolkit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from archive.api import Archive
from archive.cli.shell import is_complete
from archive.query.reports import list_reports

_WORDS = """
SELECT FROM WHERE GROUP BY ALL ORDER LIMIT HAVING JOIN LEFT USING ON AND OR NOT IN IS NULL LIKE
ILIKE AS WITH DISTINCT FILTER OVER PARTITION QUALIFY CASE WHEN THEN ELSE END DESCRIBE SUMMARIZE
events_of frames_of frame_counts_of frame_place in_project count sum avg min max median date_trunc
strftime coalesce list unnest regexp_matches
.report .tables .help .quit
"""


def open_prompt(archive: Archive, history: Path) -> Callable[[], str]:
    """Return a function that reads the next command. It raises EOFError at the end."""
    session: PromptSession[str] = PromptSession(
        "archive> ",
        lexer=PygmentsLexer(SqlLexer),
        completer=WordCompleter(list_words(archive), ignore_case=True, WORD=False),
        complete_while_typing=False,
        history=_open_history(history),
        multiline=Condition(lambda: not is_complete(session.default_buffer.text)),
        prompt_continuation="    ...> ",
    )
    return session.prompt


def list_words(archive: Archive) -> list[str]:
    """List the words to complete: keywords, views, columns and reports."""
    names = archive.sql(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' "
        "UNION SELECT column_name FROM information_schema.columns WHERE table_schema = 'main' "
        "ORDER BY ALL"
    )
    reports = (report.name for report in list_reports())
    return [*_WORDS.split(), *(name for (name,) in names), *reports]


def _open_history(path: Path) -> History:
    try:
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
