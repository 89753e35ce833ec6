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
WITH chosen AS (
    SELECT
        event_id,
        project_id,
        coalesce(group_id = $issue, false) AS inside,
        row_number() OVER () AS number
    FROM events
    WHERE project_id IN (SELECT project_id FROM issues WHERE group_id = $issue)
      AND ($since IS NULL OR timestamp >= $since)
      AND ($until IS NULL OR timestamp < $until)
),
totals AS (
    SELECT
        count(*) FILTER (inside) AS inside_total,
        greatest(count(*) FILTER (NOT inside), 1) AS others_total
    FROM chosen
),
counts AS (
    SELECT
        tag.key,
        tag.value,
        count(DISTINCT number) FILTER (inside) AS events,
        count(DISTINCT number) FILTER (NOT inside) AS others
    FROM tags AS tag
    JOIN chosen USING (event_id, project_id)
    GROUP BY tag.key, tag.value
    HAVING count(*) FILTER (inside) > 0
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
