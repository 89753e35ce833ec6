-- title: Tag keys
-- description: Tag keys, with their number of events, number of values and most common value.
-- params: since until project release limit
-- column: key -- The tag key.
-- column: events -- Events with the tag.
-- column: share -- Share of all these events, in percent.
-- column: values -- Number of distinct values.
-- column: commonest -- The most common value.
-- column: common_share -- Share of that value among the events with the tag, in percent.
-- chart: bar key events
WITH counts AS (
    SELECT key, value, count(*) AS events
    FROM tags_of($project, $since, $until, $release)
    WHERE first_in_event
    GROUP BY key, value
)
SELECT
    key,
    sum(events)::BIGINT AS events,
    round(
        100 * sum(events) / (SELECT count(*) FROM events_of($project, $since, $until, $release)), 1
    ) AS share,
    count(*) AS values,
    arg_min(value, (-counts.events, value)) AS commonest,
    round(100 * max(counts.events) / sum(counts.events), 1) AS common_share
FROM counts
GROUP BY key
ORDER BY events DESC, key
LIMIT $limit;
