-- title: Events for a user
-- description: Events of one user, newest first.
-- param: user text -- The `user` tag (id:7), or an ID, name, email or IP address.
-- param: since timestamp = null -- Only events at or after this time.
-- param: until timestamp = null -- Only events before this time.
-- param: project text = null -- Only this project (slug or ID).
-- param: release text = null -- Only this release.
-- param: limit integer = 20 -- Maximum number of rows.
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
FROM events
WHERE ($since IS NULL OR timestamp >= $since)
  AND ($until IS NULL OR timestamp < $until)
  AND in_project($project, project_slug, project_id)
  AND ($release IS NULL OR release = $release)
  AND $user IN ("user", user_id, user_name, user_email, ip_address)
ORDER BY timestamp DESC, event_id
LIMIT $limit;
