-- title: Top in-app frames
-- description: Which of your own functions stood on the stack most often, and in how many events.
-- param: since timestamp = null -- Only events at or after this moment.
-- param: until timestamp = null -- Only events before this moment.
-- param: project text = null -- Only this project (slug or ID).
-- param: release text = null -- Only this release.
-- param: limit integer = 20 -- How many rows.
-- column: function -- The function.
-- column: module -- Its module, or its file where there is no module.
-- column: events -- Events with the function on a stack.
-- column: frames -- Frames in all; more than events where it recurses.
-- column: crashes -- Exceptions that it raised: it was the newest call of their stack.
-- column: groups -- Issues that these events belong to.
-- column: last_seen -- The newest of these events.
-- chart: bar function events
WITH chosen AS (
    SELECT event_id, project_id
    FROM events
    WHERE ($since IS NULL OR timestamp >= $since)
      AND ($until IS NULL OR timestamp < $until)
      AND ($project IS NULL OR $project IN (project_slug, project_id::VARCHAR))
      AND ($release IS NULL OR release = $release)
)
SELECT
    frame.function,
    coalesce(frame.module, frame.filename) AS module,
    count(*) FILTER (frame.first_in_event) AS events,
    count(*) AS frames,
    count(*) FILTER (frame.is_last AND frame.source = 'exception') AS crashes,
    count(DISTINCT frame.group_id) AS groups,
    max(frame.timestamp) AS last_seen
FROM frames AS frame
SEMI JOIN chosen
    ON chosen.event_id = frame.event_id
    AND chosen.project_id IS NOT DISTINCT FROM frame.project_id
WHERE frame.in_app
GROUP BY ALL
ORDER BY events DESC, frames DESC, module, frame.function
LIMIT $limit;
