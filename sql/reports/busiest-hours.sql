-- title: Busiest hours
-- description: Events by hour of the day and weekday (UTC).
-- params: since until project release limit=24
-- column: hour -- Hour of the day, 0 to 23, in UTC.
-- column: events -- Events in that hour, on any day.
-- column: monday -- Of these, on Mondays.
-- column: tuesday -- Of these, on Tuesdays.
-- column: wednesday -- Of these, on Wednesdays.
-- column: thursday -- Of these, on Thursdays.
-- column: friday -- Of these, on Fridays.
-- column: saturday -- Of these, on Saturdays.
-- column: sunday -- Of these, on Sundays.
-- chart: heat hour monday tuesday wednesday thursday friday saturday sunday
WITH chosen AS (
    SELECT timestamp
    FROM events_of($project, $since, $until, $release)
)
SELECT
    clock.hour,
    count(timestamp) AS events,
    count(*) FILTER (isodow(timestamp) = 1) AS monday,
    count(*) FILTER (isodow(timestamp) = 2) AS tuesday,
    count(*) FILTER (isodow(timestamp) = 3) AS wednesday,
    count(*) FILTER (isodow(timestamp) = 4) AS thursday,
    count(*) FILTER (isodow(timestamp) = 5) AS friday,
    count(*) FILTER (isodow(timestamp) = 6) AS saturday,
    count(*) FILTER (isodow(timestamp) = 7) AS sunday
FROM range(24) AS clock(hour)
LEFT JOIN chosen ON hour(timestamp) = clock.hour
GROUP BY clock.hour
ORDER BY clock.hour
LIMIT $limit;
