-- title: Frames by module
-- description: Modules, files and binaries that appear in stack traces, both your own and third-party.
-- params: since until project release limit
-- column: module -- The module, else the file, else the binary.
-- column: events -- Events with a frame of it.
-- column: frames -- Total frames.
-- column: in_app -- Of these, in-app frames.
-- column: functions -- Functions seen in it.
-- column: crashes -- Events that crashed there; see crash-frames.
-- column: last_seen -- The newest of these events.
-- chart: bar module events
WITH chosen AS (
    SELECT event_id, project_id, row_number() OVER () AS number
    FROM events_of($project, $since, $until, $release)
),
broken AS (
    SELECT frame_place(module, filename, package) AS module, count(*) AS crashes
    FROM crash_frames AS frame
    SEMI JOIN chosen
        ON chosen.event_id = frame.event_id
        AND chosen.project_id IS NOT DISTINCT FROM frame.project_id
    GROUP BY ALL
),
counts AS (
    SELECT
        frame_place(frame.module, frame.filename, frame.package) AS module,
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
