-- title: Frames by module
-- description: Modules, files and binaries that appear in stack traces, both your own and third-party.
-- param: since timestamp = null -- Only events at or after this time.
-- param: until timestamp = null -- Only events before this time.
-- param: project text = null -- Only this project (slug or ID).
-- param: release text = null -- Only this release.
-- param: limit integer = 20 -- Maximum number of rows.
-- column: module -- The module, or the file or binary if there is no module.
-- column: events -- Events with a frame of it.
-- column: frames -- Total frames.
-- column: in_app -- Of these, in-app frames.
-- column: functions -- Functions seen in it.
-- column: crashes -- Events that crashed there; see crash-frames.
-- column: last_seen -- The newest of these events.
-- chart: bar module events
WITH chosen AS (
    SELECT event_id, project_id, row_number() OVER () AS number
    FROM events
    WHERE ($since IS NULL OR timestamp >= $since)
      AND ($until IS NULL OR timestamp < $until)
      AND in_project($project, project_slug, project_id)
      AND ($release IS NULL OR release = $release)
),
broken AS (
    SELECT coalesce(module, package, filename) AS module, count(*) AS crashes
    FROM crash_frames AS frame
    SEMI JOIN chosen
        ON chosen.event_id = frame.event_id
        AND chosen.project_id IS NOT DISTINCT FROM frame.project_id
    GROUP BY ALL
),
counts AS (
    SELECT
        coalesce(frame.module, frame.package, frame.filename) AS module,
        count(DISTINCT chosen.number) AS events,
        count(*) AS frames,
        count(*) FILTER (frame.in_app) AS in_app,
        count(DISTINCT frame.function) AS functions,
        max(frame.timestamp) AS last_seen
    FROM frames AS frame
    JOIN chosen
        ON chosen.event_id = frame.event_id
        AND chosen.project_id IS NOT DISTINCT FROM frame.project_id
    GROUP BY ALL
)
SELECT
    counts.module,
    events,
    frames,
    in_app,
    functions,
    coalesce(crashes, 0) AS crashes,
    last_seen
FROM counts
LEFT JOIN broken ON broken.module IS NOT DISTINCT FROM counts.module
ORDER BY events DESC, frames DESC, counts.module
LIMIT $limit;
