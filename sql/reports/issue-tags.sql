-- title: What sets an issue apart
-- description: Tag values that are more frequent in one issue than in the other issues of its project: the browser, server or release to look at first.
-- param: issue integer -- The issue.
-- params: since until limit
-- column: key -- The tag key.
-- column: value -- The value.
-- column: events -- Events of the issue with the value.
-- column: share -- Share of the issue's events, in percent.
-- column: others_share -- Share of the events of the project's other issues, in percent.
-- column: difference -- share minus others_share, in percentage points.
-- chart: bar value difference by key
-- example: issue=6014421007
WITH homes AS (
    SELECT project_id FROM issues WHERE group_id = $issue
),
totals AS (
    SELECT
        count(*) FILTER (group_id = $issue) AS inside_total,
        greatest(count(*) FILTER (group_id IS DISTINCT FROM $issue), 1) AS others_total
    FROM events_of(NULL, $since, $until, NULL)
    WHERE project_id IN (FROM homes)
),
counts AS (
    SELECT
        key,
        value,
        count(*) FILTER (group_id = $issue) AS events,
        count(*) FILTER (group_id IS DISTINCT FROM $issue) AS others
    FROM tags_of(NULL, $since, $until)
    WHERE first_in_event
      AND project_id IN (FROM homes)
    GROUP BY key, value
    HAVING events > 0
)
SELECT
    key,
    value,
    events,
    round(100 * events / inside_total, 1) AS share,
    round(100 * others / others_total, 1) AS others_share,
    round(100 * events / inside_total - 100 * others / others_total, 1) AS difference
FROM counts, totals
WHERE difference > 0
ORDER BY difference DESC, events DESC, key, value
LIMIT $limit;
