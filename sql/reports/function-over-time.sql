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
SELECT
    date_trunc($bucket, timestamp) AS time,
    count(DISTINCT event_key) AS events,
    count(*) FILTER (is_crash) AS crashes,
    count(DISTINCT group_id) AS issues
FROM frames_of($project, $since, $until, $release)
WHERE function = $function
  AND ($module IS NULL OR $module = frame_place(module, filename, package))
GROUP BY time
ORDER BY time
LIMIT $limit;
