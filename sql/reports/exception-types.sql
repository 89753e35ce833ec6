-- title: Exception types
-- description: Exception types, with the number of events, issues and affected users.
-- param: since timestamp = null -- Only events at or after this time.
-- param: until timestamp = null -- Only events before this time.
-- param: project text = null -- Only this project (slug or ID).
-- param: release text = null -- Only this release.
-- param: limit integer = 20 -- Maximum number of rows.
-- column: exception -- Type of the reported exception; causes are in the view `exceptions`.
-- column: events -- Events with it.
-- column: issues -- Issues these events belong to.
-- column: users -- Affected users.
-- column: projects -- Projects it occurs in.
-- column: example -- The message of the newest of these events.
-- column: first_seen -- The oldest of these events.
-- column: last_seen -- The newest of these events.
-- chart: bar exception events
SELECT
    exception_type AS exception,
    count(*) AS events,
    count(DISTINCT group_id) AS issues,
    count(DISTINCT "user") AS users,
    count(DISTINCT project_id) AS projects,
    max_by(exception_value, timestamp) AS example,
    min(timestamp) AS first_seen,
    max(timestamp) AS last_seen
FROM events
WHERE ($since IS NULL OR timestamp >= $since)
  AND ($until IS NULL OR timestamp < $until)
  AND in_project($project, project_slug, project_id)
  AND ($release IS NULL OR release = $release)
  AND exception_type IS NOT NULL
GROUP BY exception
ORDER BY events DESC, exception
LIMIT $limit;
