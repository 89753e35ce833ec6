-- title: Handled and unhandled errors
-- description: Exceptions that were handled and unhandled, most unhandled first.
-- params: since until project release limit
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
FROM events_of($project, $since, $until, $release)
WHERE exception_type IS NOT NULL
GROUP BY project, exception
ORDER BY unhandled DESC, events DESC, project, exception
LIMIT $limit;
