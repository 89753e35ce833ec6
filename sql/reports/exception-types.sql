-- title: Exception types
-- description: Exception types, with the number of events, issues and affected users.
-- params: since until project release limit
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
FROM events_of($project, $since, $until, $release)
WHERE exception_type IS NOT NULL
GROUP BY exception
ORDER BY events DESC, exception
LIMIT $limit;
