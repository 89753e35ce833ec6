-- title: Top in-app frames
-- description: Which of your own functions stood on the stack most often, and in how many events.
-- param: since timestamp = null -- Only events at or after this moment.
-- param: until timestamp = null -- Only events before this moment.
-- param: project text = null -- Only this project (slug or ID).
-- param: release text = null -- Only this release.
-- param: limit integer = 20 -- How many rows.
-- column: function -- The function.
-- column: module -- Its module, or its file where there is no module.
-- column: events -- Events with the function on a stack.
-- column: frames -- Frames in all; more than events where it recurses.
-- column: crashes -- Exceptions that it raised: it was the newest call of their stack.
-- column: groups -- Issues that these events belong to.
-- column: last_seen -- The newest of these events.
-- chart: bar function events
WITH by_group AS (  -- counted issue by issue first: that is less work than count(DISTINCT group_id)
    SELECT
        function,
        module,
        group_id,
        sum(events) AS events,
        sum(frames) AS frames,
        sum(crashes) AS crashes,
        max(last_seen) AS last_seen
    FROM functions_of($project, $since, $until)
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
    count(group_id) AS groups,
    max(last_seen) AS last_seen
FROM by_group
GROUP BY function, module
ORDER BY events DESC, frames DESC, module, function
LIMIT $limit;
