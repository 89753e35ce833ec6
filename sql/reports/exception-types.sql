-- title: Exception types
-- description: Which exceptions were reported, in how many issues, and to how many users.
-- param: since timestamp = null -- Only events at or after this moment.
-- param: until timestamp = null -- Only events before this moment.
-- param: project text = null -- Only this project (slug or ID).
-- param: release text = null -- Only this release.
-- param: limit integer = 20 -- How many rows.
-- column: exception -- Type of the reported exception; causes are in the view `exceptions`.
-- column: events -- Events with it.
-- column: groups -- Issues that these events belong to.
-- column: users -- Users that they met.
-- column: projects -- Projects in which it occurs.
-- column: example -- The message of the newest of these events.
-- column: first_seen -- The oldest of these events.
-- column: last_seen -- The newest of these events.
-- chart: bar exception events
SELECT
    exception_type AS exception,
    count(*) AS events,
    count(DISTINCT group_id) AS groups,
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
