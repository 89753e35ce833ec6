-- title: Crash frames by release
-- description: Where events crashed, by release: the last in-app frame, or the last frame if none is in-app.
-- param: since timestamp = null -- Only events at or after this time.
-- param: until timestamp = null -- Only events before this time.
-- param: project text = null -- Only this project (slug or ID).
-- param: release text = null -- Only this release.
-- param: limit integer = 20 -- Maximum number of rows.
-- column: function -- The function.
-- column: module -- Its module, or its file or binary if there is no module.
-- column: release -- The release.
-- column: events -- Events of the release that crashed there.
-- column: users -- Affected users.
-- column: issues -- Issues these events belong to.
-- column: first_seen -- The oldest of these events.
-- column: last_seen -- The newest of these events.
-- chart: bar function events by release
SELECT
    frame.function,
    coalesce(frame.module, frame.filename, frame.package) AS module,
    event.release,
    count(*) AS events,
    count(DISTINCT event."user") AS users,
    count(DISTINCT event.group_id) AS issues,
    min(event.timestamp) AS first_seen,
    max(event.timestamp) AS last_seen
FROM crash_frames AS frame
JOIN events AS event
    ON event.event_id = frame.event_id
    AND event.project_id IS NOT DISTINCT FROM frame.project_id
WHERE ($since IS NULL OR event.timestamp >= $since)
  AND ($until IS NULL OR event.timestamp < $until)
  AND in_project($project, event.project_slug, event.project_id)
  AND ($release IS NULL OR event.release = $release)
GROUP BY ALL
ORDER BY events DESC, frame.function, module, event.release
LIMIT $limit;
