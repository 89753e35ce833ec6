-- title: Regressions between two releases
-- description: Issues that are new, have returned or are more frequent in one release than in an earlier one. Frequency is per hundred events of the release, because releases differ in usage.
-- param: old text -- The earlier release.
-- param: new text -- The later release.
-- params: project limit
-- column: group_id -- The issue.
-- column: project -- Its project.
-- column: title -- Title of its newest event.
-- column: change -- new: not seen before; back: seen before, but not in the old release; more: in both.
-- column: old_events -- Its events in the old release.
-- column: new_events -- Its events in the new release.
-- column: old_share -- Events per hundred events of the old release.
-- column: new_share -- Events per hundred events of the new release.
-- column: users -- Affected users in the new release.
-- chart: bar title new_events by change
-- example: old=checkout-api@4.1.0 new=checkout-api@4.2.0
WITH released AS (
    SELECT *
    FROM events
    WHERE release IN ($old, $new)
      AND in_project($project, project_slug, project_id)
),
totals AS (
    SELECT
        count(*) FILTER (release = $old) AS old_total,
        count(*) FILTER (release = $new) AS new_total,
        min(timestamp) FILTER (release = $new) AS new_began
    FROM released
),
counts AS (
    SELECT
        group_id,
        project_id,
        count(*) FILTER (release = $old) AS old_events,
        count(*) FILTER (release = $new) AS new_events,
        count(DISTINCT "user") FILTER (release = $new) AS users
    FROM released
    GROUP BY group_id, project_id
)
SELECT
    counts.group_id,
    known.project_slug AS project,
    known.title,
    CASE
        WHEN counts.old_events > 0 THEN 'more'
        WHEN known.first_seen < totals.new_began THEN 'back'
        ELSE 'new'
    END AS change,
    counts.old_events,
    counts.new_events,
    round(100 * counts.old_events / greatest(totals.old_total, 1), 1) AS old_share,
    round(100 * counts.new_events / totals.new_total, 1) AS new_share,
    counts.users
FROM counts
CROSS JOIN totals
JOIN issues AS known
    ON known.group_id = counts.group_id
    AND known.project_id IS NOT DISTINCT FROM counts.project_id
WHERE counts.new_events * greatest(totals.old_total, 1) > counts.old_events * totals.new_total
ORDER BY new_share - old_share DESC, counts.new_events DESC, counts.group_id
LIMIT $limit;
