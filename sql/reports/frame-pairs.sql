-- title: Two frames in one stack
-- description: Events in which one function called another, directly or indirectly, in the same stack.
-- param: caller text -- The outer (calling) function.
-- param: callee text -- The inner (called) function.
-- params: since until project release limit
-- column: caller -- Module, file or binary of the calling function.
-- column: callee -- Module, file or binary of the called function.
-- column: calls -- Shortest distance between the two, in calls; 1 is a direct call.
-- column: events -- Events with both, in this order.
-- column: issues -- Issues these events belong to.
-- column: last_seen -- The newest of these events.
-- column: example -- One of these events, for `event-archive show`.
-- chart: bar callee events
-- example: caller=performWorkUntilDeadline callee=CartDrawer
SELECT
    frame_place(outside.module, outside.filename, outside.package) AS caller,
    frame_place(inside.module, inside.filename, inside.package) AS callee,
    min(inside.frame_index - outside.frame_index) AS calls,
    count(DISTINCT inside.event_key) AS events,
    count(DISTINCT inside.group_id) AS issues,
    max(inside.timestamp) AS last_seen,
    max_by(inside.event_id, inside.timestamp) AS example
FROM frames AS outside
JOIN frames_of($project, $since, $until, $release) AS inside
    ON inside.event_key = outside.event_key  -- this and the next three identify a stack
    AND inside.source = outside.source
    AND inside.stack_level IS NOT DISTINCT FROM outside.stack_level
    AND inside.thread_id IS NOT DISTINCT FROM outside.thread_id
    AND inside.frame_index > outside.frame_index
WHERE outside.function = $caller
  AND inside.function = $callee
GROUP BY ALL
ORDER BY events DESC, caller, callee
LIMIT $limit;
