-- title: Spikes
-- description: Days on which an issue had many more events than usual, largest increase first.
-- param: factor integer = 3 -- Minimum number of times the usual count.
-- param: events integer = 5 -- Only days with at least this many events.
-- params: since until project release limit
-- column: day -- The day, in UTC.
-- column: group_id -- The issue.
-- column: project -- Its project.
-- column: title -- Title of its newest event that day.
-- column: events -- Its events that day.
-- column: usual -- The median of its days with events.
-- column: times -- Events divided by the usual count.
-- chart: time day events by title
-- example: factor=2 events=3
WITH daily AS (
    SELECT
        timestamp::DATE AS day,
        group_id,
        project_id,
        any_value(coalesce(project_slug, project_id::VARCHAR)) AS project,
        max_by(title, timestamp) AS title,
        count(*) AS events
    FROM events_of($project, $since, $until, $release)
    WHERE group_id IS NOT NULL
    GROUP BY day, group_id, project_id
)
SELECT
    day,
    group_id,
    project,
    title,
    events,
    median(events) OVER (PARTITION BY group_id, project_id) AS usual,
    round(events / usual, 1) AS times
FROM daily
QUALIFY events >= $factor * usual AND events >= $events
ORDER BY events / usual DESC, events DESC, day, group_id
LIMIT $limit;
