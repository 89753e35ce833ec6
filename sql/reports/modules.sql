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
SELECT
    frame_place(module, filename, package) AS module,
    count(DISTINCT event_key) AS events,
    count(*) AS frames,
    count(*) FILTER (in_app) AS in_app,
    count(DISTINCT function) AS functions,
    count(*) FILTER (is_crash) AS crashes,
    max(timestamp) AS last_seen
FROM frames_of($project, $since, $until, $release) AS frame
GROUP BY frame_place(module, filename, package)
ORDER BY events DESC, frames DESC, module
LIMIT $limit;
