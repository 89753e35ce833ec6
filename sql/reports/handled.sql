-- title: Handled and unhandled errors
-- description: Which exceptions your code caught, and which escaped it, the most escaped first.
-- param: since timestamp = null -- Only events at or after this moment.
-- param: until timestamp = null -- Only events before this moment.
-- param: project text = null -- Only this project (slug or ID).
-- param: release text = null -- Only this release.
-- param: limit integer = 20 -- How many rows.
-- column: project -- The project.
-- column: exception -- Type of the exception.
-- column: events -- Events with it.
-- column: handled -- Of these, those that the code handled.
-- column: unhandled -- Of these, those that it did not.
-- column: unknown -- Of these, those where the SDK did not say.
-- column: unhandled_share -- Unhandled ones, in percent.
-- column: groups -- Issues that these events belong to.
-- chart: bar exception unhandled
SELECT
    coalesce(project_slug, project_id::VARCHAR) AS project,
    exception_type AS exception,
    count(*) AS events,
    count(*) FILTER (handled) AS handled,
    count(*) FILTER (NOT handled) AS unhandled,
    count(*) FILTER (handled IS NULL) AS unknown,
    round(100 * unhandled / events, 1) AS unhandled_share,
    count(DISTINCT group_id) AS groups
FROM events AS event  -- so that `events` is the column above
WHERE ($since IS NULL OR timestamp >= $since)
  AND ($until IS NULL OR timestamp < $until)
  AND in_project($project, project_slug, project_id)
  AND ($release IS NULL OR release = $release)
  AND exception_type IS NOT NULL
GROUP BY project, exception
ORDER BY unhandled DESC, events DESC, project, exception
LIMIT $limit;
