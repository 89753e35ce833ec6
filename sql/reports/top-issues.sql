-- title: Top issues
-- description: The issues with the most events.
-- params: since until project release limit
-- column: group_id -- The issue.
-- column: project -- Its project.
-- column: level -- Level of its newest event.
-- column: title -- Title of its newest event.
-- column: events -- Its events.
-- column: share -- Share of all these events, in percent.
-- column: users -- Affected users.
-- column: first_seen -- The oldest of these events.
-- column: last_seen -- The newest of these events.
-- chart: bar title events
SELECT
    group_id,
    any_value(coalesce(project_slug, project_id::VARCHAR)) AS project,
    max_by(level, timestamp) AS level,
    max_by(title, timestamp) AS title,
    count(*) AS events,
    round(100 * events / sum(events) OVER (), 1) AS share,
    count(DISTINCT "user") AS users,
    min(timestamp) AS first_seen,
    max(timestamp) AS last_seen
FROM events_of($project, $since, $until, $release)
WHERE group_id IS NOT NULL
GROUP BY group_id, project_id
ORDER BY events DESC, group_id
LIMIT $limit;
