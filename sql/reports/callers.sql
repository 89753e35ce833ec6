-- title: Callers of a function
-- description: The functions that called a function, and how often: the next outer frame.
-- param: function text -- The function, as top-frames shows it.
-- params: since until project release limit
-- column: caller -- The calling function; empty if the function is the outermost frame.
-- column: module -- Its module, else its file, else its binary.
-- column: in_app -- Whether the caller is in-app code.
-- column: events -- Events with this call.
-- column: issues -- Issues these events belong to.
-- column: last_seen -- The newest of these events.
-- chart: bar caller events
-- example: function=lineTotal
SELECT
    outside.function AS caller,
    frame_place(outside.module, outside.filename, outside.package) AS module,
    outside.in_app,
    count(DISTINCT inside.event_key) AS events,
    count(DISTINCT inside.group_id) AS issues,
    max(inside.timestamp) AS last_seen
FROM frames_of($project, $since, $until, $release) AS inside
LEFT JOIN frames AS outside
    ON outside.event_key = inside.event_key
    AND outside.source = inside.source
    AND outside.stack_level IS NOT DISTINCT FROM inside.stack_level
    AND outside.thread_id IS NOT DISTINCT FROM inside.thread_id
    AND outside.frame_index = inside.frame_index - 1
WHERE inside.function = $function
GROUP BY ALL
ORDER BY events DESC, caller, module, outside.in_app
LIMIT $limit;
