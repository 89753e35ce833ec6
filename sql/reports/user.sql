-- title: Events for a user
-- description: Events of one user, newest first.
-- param: user text -- The `user` tag (id:7), or an ID, name, email or IP address.
-- params: since until project release limit
-- column: timestamp -- When it happened.
-- column: project -- The project.
-- column: level -- Its level.
-- column: title -- Its title.
-- column: transaction -- Transaction: the route or task.
-- column: release -- The release.
-- column: group_id -- The issue.
-- column: event_id -- The event, for `event-archive show`.
-- example: user=id:1007
SELECT
    timestamp,
    coalesce(project_slug, project_id::VARCHAR) AS project,
    level,
    title,
    transaction_name AS transaction,
    release,
    group_id,
    event_id
FROM events_of($project, $since, $until, $release)
WHERE $user IN ("user", user_id, user_name, user_email, ip_address)
ORDER BY timestamp DESC, event_id
LIMIT $limit;
