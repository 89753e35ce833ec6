-- title: Events in a trace
-- description: Events of one trace in all projects, oldest first.
-- param: trace text -- The trace ID.
-- params: limit=100
-- column: timestamp -- When it happened.
-- column: project -- The project.
-- column: span_id -- The span it happened in.
-- column: level -- Its level.
-- column: title -- Its title.
-- column: transaction -- Transaction: the route or task.
-- column: release -- The release.
-- column: group_id -- The issue.
-- column: event_id -- The event, for `event-archive show`.
-- example: trace=a2875f0887226fdd75c182e58f8c3630
SELECT
    timestamp,
    coalesce(project_slug, project_id::VARCHAR) AS project,
    span_id,
    level,
    title,
    transaction_name AS transaction,
    release,
    group_id,
    event_id
FROM events
WHERE trace_id = replace(lower($trace), '-', '')
ORDER BY timestamp, event_id
LIMIT $limit;
