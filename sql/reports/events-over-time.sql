-- title: Events over time
-- description: Events by hour, day, week or month (UTC), grouped by level, project, environment, release or platform.
-- param: by text = level -- level, project, environment, release or platform.
-- param: bucket text = day -- hour, day, week or month.
-- params: since until project release limit=1000
-- column: time -- Start of the hour, day, week or month.
-- column: value -- The level, project, environment, release or platform.
-- column: events -- Events in that period with that value.
-- column: users -- Affected users.
-- chart: time time events by value
-- example: by=project bucket=week
SELECT
    date_trunc($bucket, timestamp) AS time,
    CASE $by
        WHEN 'level' THEN level
        WHEN 'project' THEN coalesce(project_slug, project_id::VARCHAR)
        WHEN 'environment' THEN environment
        WHEN 'release' THEN release
        WHEN 'platform' THEN platform
        ELSE error('by: ' || $by || ' is none of level, project, environment, release, platform')
    END AS value,
    count(*) AS events,
    count(DISTINCT "user") AS users
FROM events_of($project, $since, $until, $release)
GROUP BY time, value
ORDER BY time, value
LIMIT $limit;
