-- title: Similar issues
-- description: Issues that share their most common in-app frames: often one cause that grouping has split.
-- param: frames integer = 5 -- Number of in-app frames to compare per issue.
-- param: shared integer = 2 -- Minimum number of shared frames.
-- params: since until project release limit
-- column: group_id -- An issue.
-- column: title -- Title of its newest event.
-- column: other_group_id -- The similar issue.
-- column: other_title -- Title of its newest event.
-- column: shared -- Number of in-app frames that both have among their most common.
-- column: similarity -- Shared frames as a percentage of the frames of both.
-- column: functions -- The shared functions.
-- chart: bar title similarity
WITH counts AS (
    SELECT group_id, function, module, sum(events) AS events
    FROM frame_counts_of($project, $since, $until)
    WHERE in_app
      AND group_id IS NOT NULL
      AND function IS NOT NULL
      AND ($release IS NULL OR release = $release)
    GROUP BY ALL
),
commonest AS (
    SELECT group_id, function, module
    FROM counts
    QUALIFY row_number() OVER (
        PARTITION BY group_id ORDER BY events DESC, module, function
    ) <= $frames
),
sizes AS (
    SELECT group_id, count(*) AS frames FROM commonest GROUP BY group_id
),
titles AS (
    SELECT group_id, max_by(title, last_seen) AS title FROM issues GROUP BY group_id
),
pairs AS (
    SELECT
        one.group_id,
        other.group_id AS other_group_id,
        count(*) AS shared,
        list(one.function ORDER BY one.function) AS functions
    FROM commonest AS one
    JOIN commonest AS other
        ON other.function = one.function
        AND other.module IS NOT DISTINCT FROM one.module
        AND other.group_id > one.group_id
    GROUP BY ALL
)
SELECT
    pair.group_id,
    title.title,
    pair.other_group_id,
    other_title.title AS other_title,
    pair.shared,
    round(100 * pair.shared / (size.frames + other_size.frames - pair.shared), 1) AS similarity,
    pair.functions
FROM pairs AS pair
JOIN sizes AS size ON size.group_id = pair.group_id
JOIN sizes AS other_size ON other_size.group_id = pair.other_group_id
JOIN titles AS title ON title.group_id = pair.group_id
JOIN titles AS other_title ON other_title.group_id = pair.other_group_id
WHERE pair.shared >= $shared
ORDER BY similarity DESC, pair.shared DESC, pair.group_id, pair.other_group_id
LIMIT $limit;
