-- title: Crash frames by release
-- description: Where events crashed, by release: the last in-app frame, or the last frame if none is in-app.
-- params: since until project release limit
-- column: function -- The function.
-- column: module -- Its module, else its file, else its binary.
-- column: release -- The release.
-- column: events -- Events of the release that crashed there.
-- column: users -- Affected users.
-- column: issues -- Issues these events belong to.
-- column: first_seen -- The oldest of these events.
-- column: last_seen -- The newest of these events.
-- chart: bar function events by release
SELECT
    frame.function,
    frame_place(frame.module, frame.filename, frame.package) AS module,
    event.release,
    count(*) AS events,
    count(DISTINCT event."user") AS users,
    count(DISTINCT event.group_id) AS issues,
    min(event.timestamp) AS first_seen,
    max(event.timestamp) AS last_seen
FROM crash_frames AS frame
JOIN events_of($project, $since, $until, $release) AS event ON event.event_key = frame.event_key
GROUP BY ALL
ORDER BY events DESC, frame.function, module, event.release
LIMIT $limit;
