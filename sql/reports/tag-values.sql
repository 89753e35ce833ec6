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
WITH chosen AS (
    SELECT event_id, project_id
    FROM events_of($project, $since, $until, $release)
)
SELECT
    tag.value,
    count(DISTINCT (tag.event_id, tag.project_id)) AS events,
    round(100 * events / sum(events) OVER (), 1) AS share,
    count(DISTINCT tag.group_id) AS issues,
    min(tag.timestamp) AS first_seen,
    max(tag.timestamp) AS last_seen
FROM tags AS tag
SEMI JOIN chosen
    ON chosen.event_id = tag.event_id
    AND chosen.project_id IS NOT DISTINCT FROM tag.project_id
WHERE tag.key = $key
GROUP BY tag.value
ORDER BY events DESC, tag.value
LIMIT $limit;
