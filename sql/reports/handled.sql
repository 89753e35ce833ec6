-- title: Handled and unhandled errors
-- description: Exceptions that were handled and unhandled, most unhandled first.
-- param: since timestamp = null -- Only events at or after this time.
-- param: until timestamp = null -- Only events before this time.
-- param: project text = null -- Only this project (slug or ID).
-- param: release text = null -- Only this release.
-- param: limit integer = 20 -- Maximum number of rows.
-- column: project -- The project.
-- column: exception -- Type of the exception.
-- column: events -- Events with it.
-- column: handled -- Of these, handled ones.
-- column: unhandled -- Of these, unhandled ones.
-- column: unknown -- Of these, events whose SDK did not report it.
-- column: unhandled_share -- Unhandled events, in percent.
-- column: issues -- Issues these events belong to.
-- chart: bar exception unhandled
SELECT
    coalesce(project_slug, project_id::VARCHAR) AS project,
    exception_type AS exception,
    count(*) AS events,
    count(*) FILTER (handled) AS handled,
    count(*) FILTER (NOT handled) AS unhandled,
    count(*) FILTER (handled IS NULL) AS unknown,
    round(100 * unhandled / events, 1) AS unhandled_share,
    count(DISTINCT group_id) AS issues
FROM events AS event  -- so that `events` is the column above
WHERE ($since IS NULL OR timestamp >= $since)
  AND ($until IS NULL OR timestamp < $until)
  AND in_project($project, project_slug, project_id)
  AND ($release IS NULL OR release = $release)
  AND exception_type IS NOT NULL
GROUP BY project, exception
ORDER BY unhandled DESC, events DESC, project, exception
LIMIT $limit;
