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
WITH chosen AS (
    SELECT event_id, project_id, row_number() OVER () AS number
    FROM events_of($project, $since, $until, $release)
),
counts AS (
    SELECT tag.key, tag.value, count(DISTINCT chosen.number) AS events
    FROM tags AS tag
    JOIN chosen
        ON chosen.event_id = tag.event_id
        AND chosen.project_id IS NOT DISTINCT FROM tag.project_id
    GROUP BY tag.key, tag.value
)
SELECT
    key,
    sum(events)::BIGINT AS events,
    round(100 * sum(events) / (SELECT count(*) FROM chosen), 1) AS share,
    count(*) AS values,
    arg_min(value, (-counts.events, value)) AS commonest,
    round(100 * max(counts.events) / sum(counts.events), 1) AS common_share
FROM counts
GROUP BY key
ORDER BY events DESC, key
LIMIT $limit;
