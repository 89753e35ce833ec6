#!/bin/sh
# The demo: load a folder of Sentry exports and query it.
set -eu

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '\033[2m$ %s\033[0m\n' "$*"; "$@"; }

say "1. Load a folder of exports: API pages, full issues, an S3 tree, NDJSON.gz, one download cut short"
run event-archive -a "$DEMO" load --org the-interstellar-jurisdiction \
    --project-map sample_data/projects.json sample_data/exports || [ $? = 3 ]

say "2. Look up an event: the response of the API, byte for byte (first 300 bytes)"
printf '\033[2m$ event-archive -a %s resolve %s\033[0m\n' "$DEMO" "$EVENT"
event-archive -a "$DEMO" resolve "$EVENT" --format json | head -c 300
printf '…\n'

say "3. Pretty-print it"
printf '\033[2m$ event-archive -a %s show %s\033[0m\n' "$DEMO" "$EVENT"
event-archive -a "$DEMO" show "$EVENT" | sed -n '1,/^Caused by/p' | sed '$d'

say "4. Run a report: the in-app functions most often in stack traces"
run event-archive -a "$DEMO" report top-frames --limit 8

say "5. Query it with SQL: how did each release of checkout-api do?"
run event-archive -a "$DEMO" sql "
SELECT release, count(*) AS events, count(DISTINCT group_id) AS issues,
       count(*) FILTER (handled = false) AS unhandled, mode(title) AS commonest
FROM events WHERE project_slug = 'checkout-api' GROUP BY release ORDER BY min(timestamp)"

say "6. Show the contents of the archive"
run event-archive -a "$DEMO" info
printf '\nThe archive is in ./%s. Next: event-archive -a %s --help\n' "$DEMO" "$DEMO"
