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
    value,
    release,
    count(*) AS events,
    round(100 * events / sum(events) OVER (PARTITION BY release), 1) AS share,
    count(DISTINCT group_id) AS issues,
    max(timestamp) AS last_seen
FROM tags_of($project, $since, $until)
WHERE key = $key
  AND first_in_event
GROUP BY value, release
ORDER BY events DESC, value, release
LIMIT $limit;
