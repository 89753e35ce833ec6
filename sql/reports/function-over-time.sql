-- title: A function over time
-- description: Events with a function on a stack, per hour, day or week (UTC).
-- param: function text -- The function, as top-frames shows it.
-- param: module text = null -- Only in this module, as top-frames shows it.
-- param: bucket text = day -- hour, day, week or month.
-- params: since until project release limit=1000
-- column: time -- Start of the hour, day, week or month.
-- column: events -- Events with the function on a stack.
-- column: crashes -- Of these, those that broke in it; see crash-frames.
-- column: issues -- Issues these events belong to.
-- chart: time time events
-- example: function=lineTotal bucket=week
WITH broken AS (
    SELECT event_id, project_id, source, stack_level, thread_id, frame_index
    FROM crash_frames
    WHERE function = $function
)
SELECT
    date_trunc($bucket, frame.timestamp) AS time,
    count(DISTINCT (frame.event_id, frame.project_id)) AS events,
    count(broken.event_id) AS crashes,
    count(DISTINCT frame.group_id) AS issues
FROM frames_of($project) AS frame
LEFT JOIN broken
    ON broken.event_id = frame.event_id
    AND broken.project_id IS NOT DISTINCT FROM frame.project_id
    AND broken.source = frame.source
    AND broken.stack_level IS NOT DISTINCT FROM frame.stack_level
    AND broken.thread_id IS NOT DISTINCT FROM frame.thread_id
    AND broken.frame_index = frame.frame_index
WHERE frame.function = $function
  AND ($since IS NULL OR frame.timestamp >= $since)
  AND ($until IS NULL OR frame.timestamp < $until)
  AND ($release IS NULL OR frame.release = $release)
  AND ($module IS NULL OR $module = frame_place(frame.module, frame.filename, frame.package))
GROUP BY time
ORDER BY time
LIMIT $limit;
