#!/bin/sh
# The demo: a folder of Sentry exports becomes an archive that answers.
set -eu

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '\033[2m$ %s\033[0m\n' "$*"; "$@"; }

say "1. Load a folder of exports: API pages, full issues, an S3 tree, NDJSON.gz, one download cut short"
run event-archive -a "$DEMO" load --org the-interstellar-jurisdiction \
    --projects sample_data/projects.json sample_data/exports || [ $? = 3 ]

say "2. Look an event up: the answer is the API's, byte for byte (here its first 300 bytes)"
printf '\033[2m$ event-archive -a %s resolve %s\033[0m\n' "$DEMO" "$EVENT"
event-archive -a "$DEMO" resolve "$EVENT" --format json | head -c 300
printf '…\n'

say "3. Read it as a person would"
printf '\033[2m$ event-archive -a %s show %s\033[0m\n' "$DEMO" "$EVENT"
event-archive -a "$DEMO" show "$EVENT" | sed -n '1,10p;/^Exception  PaymentUnavailable/,/^Breadcrumbs/p' | sed '$d'

say "4. Ask which of our own functions are on the stack most often"
run event-archive -a "$DEMO" report top-frames --limit 8

say "5. Ask anything else in SQL: what got worse with each release of the checkout?"
run event-archive -a "$DEMO" sql "
SELECT release, count(*) AS events, count(DISTINCT group_id) AS issues,
       count(*) FILTER (handled = false) AS unhandled, mode(title) AS commonest
FROM events WHERE project_slug = 'checkout-api' GROUP BY release ORDER BY min(timestamp)"

say "6. What is in it"
run event-archive -a "$DEMO" info
printf '\nThe archive is in ./%s. Next: event-archive -a %s --help\n' "$DEMO" "$DEMO"
