-- title: Values of a tag by release
-- description: Distribution of the values of a tag over releases, to tell a problem of a release from one of a browser.
-- param: key text -- The tag key: browser, environment, url, …
-- params: since until project limit
-- column: value -- The value.
-- column: release -- The release.
-- column: events -- Events of the release with this value.
-- column: share -- Share of the events of the release that have the key, in percent.
-- column: issues -- Issues these events belong to.
-- column: last_seen -- The newest of these events.
-- chart: bar value events by release
-- example: key=browser.name
SELECT
    tag.value,
    event.release,
    count(DISTINCT (event.event_id, event.project_id)) AS events,
    round(100 * events / sum(events) OVER (PARTITION BY event.release), 1) AS share,
    count(DISTINCT event.group_id) AS issues,
    max(event.timestamp) AS last_seen
FROM tags AS tag
JOIN events_of($project, $since, $until, NULL) AS event
    ON event.event_id = tag.event_id
    AND event.project_id IS NOT DISTINCT FROM tag.project_id
WHERE tag.key = $key
GROUP BY tag.value, event.release
ORDER BY events DESC, tag.value, event.release
LIMIT $limit;
