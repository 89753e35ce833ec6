-- title: Users affected
-- description: Issues that affect the most users, and how often. Users are identified by the `user` tag.
-- params: since until project release limit
-- column: group_id -- The issue.
-- column: project -- Its project.
-- column: title -- Title of its newest event.
-- column: users -- Affected users.
-- column: share -- Share of all users of these events, in percent.
-- column: events -- Its events, including those without a user.
-- column: events_per_user -- Average number of events per user.
-- column: last_seen -- The newest of these events.
-- chart: bar title users
WITH chosen AS (
    SELECT *
    FROM events_of($project, $since, $until, $release)
)
SELECT
    group_id,
    any_value(project_slug) AS project,
    max_by(title, timestamp) AS title,
    count(DISTINCT "user") AS users,
    round(100 * users / (SELECT count(DISTINCT "user") FROM chosen), 1) AS share,
    count(*) AS events,
    round(count("user") / users, 1) AS events_per_user,
    max(timestamp) AS last_seen
FROM chosen
WHERE group_id IS NOT NULL
GROUP BY group_id, project_id
HAVING users > 0
ORDER BY users DESC, events DESC, group_id
LIMIT $limit;
