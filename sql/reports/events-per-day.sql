-- title: Events per day and level
-- description: Events of each level per day (UTC), newest day first.
-- params: since until project release limit=31
-- column: day -- The day, in UTC.
-- column: events -- Events of the day.
-- column: fatal -- Of these, with level fatal.
-- column: error -- Of these, with level error.
-- column: warning -- Of these, with level warning.
-- column: info -- Of these, with level info.
-- column: other -- Of these, with another level or none.
-- column: issues -- Issues these events belong to.
-- chart: time day events
SELECT
    timestamp::DATE AS day,
    count(*) AS events,
    count(*) FILTER (level = 'fatal') AS fatal,
    count(*) FILTER (level = 'error') AS error,
    count(*) FILTER (level = 'warning') AS warning,
    count(*) FILTER (level = 'info') AS info,
    count(*) FILTER (coalesce(level, '') NOT IN ('fatal', 'error', 'warning', 'info')) AS other,
    count(DISTINCT group_id) AS issues
FROM events_of($project, $since, $until, $release)
GROUP BY day
ORDER BY day DESC
LIMIT $limit;
