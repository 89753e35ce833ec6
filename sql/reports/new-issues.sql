-- title: New issues since a date
-- description: Issues first seen at or after a given time, most frequent first.
-- param: since timestamp -- The start of the period.
-- params: project limit
-- param: release text = null -- Only issues first seen in this release.
-- column: group_id -- The issue.
-- column: project -- Its project.
-- column: title -- Title of its newest event.
-- column: first_seen -- Its oldest event.
-- column: last_seen -- Its newest event.
-- column: first_release -- The release of its oldest event.
-- column: events -- Its events.
-- column: users -- Affected users.
-- chart: bar title events
-- example: since=2026-10-20
SELECT
    group_id,
    project_slug AS project,
    title,
    first_seen,
    last_seen,
    first_release,
    events,
    users
FROM issues
WHERE first_seen >= $since
  AND in_project($project, project_slug, project_id)
  AND ($release IS NULL OR first_release = $release)
ORDER BY events DESC, group_id
LIMIT $limit;
