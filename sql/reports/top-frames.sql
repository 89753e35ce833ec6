-- title: Top in-app frames
-- description: In-app functions that appear most often in stack traces, with the number of events.
-- params: since until project release limit
-- column: function -- The function.
-- column: module -- Its module, else its file, else its binary.
-- column: events -- Events with the function on a stack.
-- column: frames -- Total frames; more than events if the function recurses.
-- column: crashes -- Events that crashed in it; see crash-frames.
-- column: issues -- Issues these events belong to.
-- column: last_seen -- The newest of these events.
-- chart: bar function events
WITH by_issue AS (  -- counted issue by issue first: that is less work than count(DISTINCT group_id)
    SELECT
        function,
        module,
        group_id,
        sum(events) AS events,
        sum(frames) AS frames,
        sum(crashes) AS crashes,
        max(last_seen) AS last_seen
    FROM frame_counts_of($project, $since, $until)
    WHERE in_app
      AND ($release IS NULL OR release = $release)
    GROUP BY ALL
)
SELECT
    function,
    module,
    sum(events)::BIGINT AS events,
    sum(frames)::BIGINT AS frames,
    sum(crashes)::BIGINT AS crashes,
    count(group_id) AS issues,
    max(last_seen) AS last_seen
FROM by_issue
GROUP BY function, module
ORDER BY events DESC, frames DESC, module, function
LIMIT $limit;
