-- title: Slowest-changing issues
-- description: Issues that recur at the most constant rate, steadiest first. Days without an event count too.
-- param: events integer = 5 -- Only issues with at least this many events.
-- param: days integer = 7 -- Only issues seen over at least this many days.
-- params: since until project release limit
-- column: group_id -- The issue.
-- column: project -- Its project.
-- column: title -- Title of its newest event.
-- column: days -- Days from its first event to its last.
-- column: events -- Its events.
-- column: per_day -- Average number of events per day.
-- column: variation -- Coefficient of variation of the daily counts: standard deviation divided by mean; 0 is constant.
-- column: last_seen -- The newest of these events.
-- chart: bar title per_day
WITH daily AS (
    SELECT
        group_id,
        project_id,
        timestamp::DATE AS day,
        count(*) AS events,
        any_value(project_slug) AS project,
        max_by(title, timestamp) AS title,
        max(timestamp) AS last_seen
    FROM events_of($project, $since, $until, $release)
    WHERE group_id IS NOT NULL
    GROUP BY group_id, project_id, day
)
SELECT
    group_id,
    any_value(project) AS project,
    max_by(title, last_seen) AS title,
    max(day) - min(day) + 1 AS days,
    sum(daily.events)::BIGINT AS events,
    round(sum(daily.events) / days, 2) AS per_day,
    -- the average of the squares less the square of the average; absent days add nothing to either
    round(sqrt(sum(daily.events ** 2) / days - (sum(daily.events) / days) ** 2)
        / (sum(daily.events) / days), 2) AS variation,
    max(daily.last_seen) AS last_seen
FROM daily
GROUP BY group_id, project_id
HAVING sum(daily.events) >= $events AND days >= $days
ORDER BY variation, events DESC, group_id
LIMIT $limit;
