-- title: Values of a tag by release
-- description: Distribution of the values of a tag over releases, to tell a problem of a release from one of a browser.
-- param: key text -- The tag key: browser, environment, url, …
-- param: since timestamp = null -- Only events at or after this time.
-- param: until timestamp = null -- Only events before this time.
-- param: project text = null -- Only this project (slug or ID).
-- param: limit integer = 20 -- Maximum number of rows.
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
JOIN events AS event
    ON event.event_id = tag.event_id
    AND event.project_id IS NOT DISTINCT FROM tag.project_id
WHERE ($since IS NULL OR event.timestamp >= $since)
  AND ($until IS NULL OR event.timestamp < $until)
  AND in_project($project, event.project_slug, event.project_id)
  AND tag.key = $key
GROUP BY tag.value, event.release
ORDER BY events DESC, tag.value, event.release
LIMIT $limit;
