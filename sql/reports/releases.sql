-- title: Releases
-- description: Each release with its issues, new issues and unhandled events, newest release first.
-- params: since until project limit
-- column: project -- The project.
-- column: release -- The release.
-- column: first_seen -- Its oldest event.
-- column: last_seen -- Its newest event.
-- column: events -- Its events.
-- column: unhandled -- Of these, events with an unhandled exception.
-- column: issues -- Issues these events belong to.
-- column: new_issues -- Of these, issues first seen in this release.
-- column: users -- Affected users.
-- chart: bar release events
WITH begun AS (
    SELECT group_id, project_id, first_release FROM issues
)
SELECT
    coalesce(event.project_slug, event.project_id::VARCHAR) AS project,
    event.release,
    min(event.timestamp) AS first_seen,
    max(event.timestamp) AS last_seen,
    count(*) AS events,
    count(*) FILTER (NOT event.handled) AS unhandled,
    count(DISTINCT event.group_id) AS issues,
    count(DISTINCT begun.group_id) AS new_issues,
    count(DISTINCT event."user") AS users
FROM events_of($project, $since, $until, NULL) AS event
LEFT JOIN begun
    ON begun.group_id = event.group_id
    AND begun.project_id IS NOT DISTINCT FROM event.project_id
    AND begun.first_release = event.release
WHERE event.release IS NOT NULL
GROUP BY project, event.release
ORDER BY first_seen DESC, project, event.release
LIMIT $limit;
