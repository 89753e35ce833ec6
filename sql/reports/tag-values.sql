-- title: Values of a tag
-- description: Events per value of a tag key, and each value's share of the events that have the key.
-- param: key text -- The tag key: browser, environment, release, url, …
-- params: since until project release limit
-- column: value -- The value.
-- column: events -- Events with this value.
-- column: share -- Share of the events that have the key, in percent.
-- column: issues -- Issues these events belong to.
-- column: first_seen -- The oldest of these events.
-- column: last_seen -- The newest of these events.
-- chart: bar value events
-- example: key=environment
SELECT
    value,
    count(*) AS events,
    round(100 * events / sum(events) OVER (), 1) AS share,
    count(DISTINCT group_id) AS issues,
    min(timestamp) AS first_seen,
    max(timestamp) AS last_seen
FROM tags_of($project, $since, $until, $release)
WHERE key = $key
  AND first_in_event
GROUP BY value
ORDER BY events DESC, value
LIMIT $limit;
