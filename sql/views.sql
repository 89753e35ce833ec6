-- The views and macros that users query. The schema `parts` contains the current data files as they
-- are on disk; the views fill in missing slugs from other loads.

-- Exported bytes as JSON. Text that is not strict JSON (NaN, lone surrogates) is a JSON string.
CREATE MACRO as_json(raw) AS
coalesce(try_cast(decode(raw) AS JSON), to_json(decode(raw)));

CREATE VIEW projects AS
SELECT project_id, project_slug, organization_slug, organization_id, former_slugs
FROM parts.projects;

-- Whether `wanted` refers to the project: by ID, slug or former slug. NULL matches every project.
CREATE MACRO in_project(wanted, slug, id) AS
wanted IS NULL
OR coalesce((SELECT project_slug FROM parts.aliases WHERE former_slug = wanted), wanted)
    IN (slug, id::VARCHAR);

CREATE VIEW loads AS
SELECT * REPLACE (learned_by_kind::JSON AS learned_by_kind, skipped_by_kind::JSON AS skipped_by_kind)
FROM parts.loads;

CREATE VIEW sources AS
SELECT * FROM parts.sources;

CREATE VIEW superseded AS
SELECT * REPLACE (as_json(raw) AS raw)
FROM parts.superseded;

-- Slugs from the data take precedence over those from options, and a project's newest slug over
-- former ones. archive/tables/projects.py builds `parts.projects`, `parts.fallbacks` and
-- `parts.aliases` and documents the rules.
CREATE VIEW events AS
SELECT event.* REPLACE (
    CASE
        WHEN event.organization_slug IS NULL OR event.organization_given
        THEN coalesce(
            owner.organization_slug, fallback.organization_slug, alias.organization_slug,
            event.organization_slug
        )
        ELSE event.organization_slug
    END AS organization_slug,
    coalesce(
        CASE WHEN owner.project_id IS NULL THEN fallback.certain_slug ELSE owner.certain_slug END,
        alias.project_slug,
        event.project_slug,
        CASE WHEN owner.project_id IS NULL THEN fallback.project_slug ELSE owner.project_slug END
    ) AS project_slug
)
FROM parts.events AS event
LEFT JOIN parts.projects AS owner
    ON owner.project_id = event.project_id
    AND owner.organization_slug = event.organization_slug
LEFT JOIN parts.fallbacks AS fallback
    ON fallback.project_id = event.project_id
    AND fallback.standing = CASE
        WHEN event.organization_slug IS NULL THEN 'unknown'
        WHEN event.organization_given THEN 'given'
        ELSE 'exported'
    END
LEFT JOIN parts.aliases AS alias
    ON event.project_id IS NULL
    AND alias.former_slug = event.project_slug
    AND coalesce(alias.organization_slug = event.organization_slug, true);

-- The events that the common parameters of reports select; NULL selects all.
CREATE MACRO events_of(project, since, until, wanted_release) AS TABLE
FROM events
WHERE (since IS NULL OR timestamp >= since)
  AND (until IS NULL OR timestamp < until)
  AND in_project(project, project_slug, project_id)
  AND (wanted_release IS NULL OR release = wanted_release);

CREATE VIEW frames AS
SELECT * FROM parts.frames;

-- The name of a frame's code, as `find_place` in archive/events/model.py.
CREATE MACRO frame_place(module, filename, package) AS coalesce(module, filename, package);

-- The keys of one project's events, by slug or ID; none for NULL, without opening `events`.
CREATE VIEW no_events AS
SELECT NULL::BIGINT AS event_key, NULL::BIGINT AS project_id, NULL::VARCHAR AS project_slug
LIMIT 0;

CREATE MACRO event_keys_of(project) AS TABLE
SELECT event_key
FROM query_table(CASE WHEN project IS NULL THEN 'no_events' ELSE 'events' END)
WHERE in_project(project, project_slug, project_id);

-- The frames of the selected events; NULL selects all. Nothing is joined for all projects.
CREATE MACRO frames_of(project, since := NULL, until := NULL, wanted_release := NULL) AS TABLE
FROM (
    FROM frames
    WHERE project IS NULL
    UNION ALL
    FROM frames
    SEMI JOIN event_keys_of(project) USING (event_key)
    WHERE project IS NOT NULL
)
WHERE (since IS NULL OR timestamp >= since)
  AND (until IS NULL OR timestamp < until)
  AND (wanted_release IS NULL OR release = wanted_release);

CREATE VIEW frame_counts AS
SELECT
    day,
    project_id,
    group_id,
    release,
    function,
    module,
    in_app,
    sum(events)::BIGINT AS events,
    sum(frames)::BIGINT AS frames,
    sum(crashes)::BIGINT AS crashes,
    max(last_seen) AS last_seen
FROM parts.frame_counts
GROUP BY ALL;

CREATE MACRO is_midnight(time) AS
coalesce(date_trunc('day', time::TIMESTAMPTZ) = time::TIMESTAMPTZ, true);

CREATE MACRO are_counted(project, since, until) AS
project IS NULL AND is_midnight(since) AND is_midnight(until);

-- Frame counts of the selected events; group and sum the rows. Whole days of all projects are
-- counted at load time, in a fifth of the rows; anything else is counted from the frames.
CREATE MACRO frame_counts_of(project, since, until) AS TABLE
SELECT group_id, release, function, module, in_app, events, frames, crashes, last_seen
FROM parts.frame_counts
WHERE are_counted(project, since, until)
  AND (since IS NULL OR day >= since::TIMESTAMPTZ::DATE)
  AND (until IS NULL OR day < until::TIMESTAMPTZ::DATE)
UNION ALL
SELECT
    group_id,
    release,
    function,
    frame_place(module, filename, package) AS module,
    in_app,
    count(*) FILTER (first_in_event) AS events,
    count(*) AS frames,
    count(*) FILTER (is_crash) AS crashes,
    max(timestamp) AS last_seen
FROM frames_of(project, since, until)
WHERE NOT are_counted(project, since, until)
GROUP BY ALL;

CREATE VIEW tags AS
SELECT * FROM parts.tags;

-- The tags of the selected events, as `frames_of`.
CREATE MACRO tags_of(project, since := NULL, until := NULL, wanted_release := NULL) AS TABLE
FROM (
    FROM tags
    WHERE project IS NULL
    UNION ALL
    FROM tags
    SEMI JOIN event_keys_of(project) USING (event_key)
    WHERE project IS NOT NULL
)
WHERE (since IS NULL OR timestamp >= since)
  AND (until IS NULL OR timestamp < until)
  AND (wanted_release IS NULL OR release = wanted_release);

-- `raw` is the exported JSON, ready for ->> and json_extract; `event` is the event inside it, which
-- an eventids response wraps.
CREATE VIEW payloads AS
SELECT *, CASE WHEN shape = 'eventids' THEN raw->'$.event' ELSE raw END AS event
FROM (
    SELECT
        event.event_id,
        event.timestamp,
        event.received,
        payload.* EXCLUDE (event_id) REPLACE (as_json(raw) AS raw)
    FROM parts.payloads AS payload
    JOIN parts.events AS event USING (event_key)
);

-- Where each event crashed.
CREATE VIEW crash_frames AS
SELECT * FROM frames
WHERE is_crash;

CREATE MACRO is_same_project(one, other) AS coalesce(one = other, true);

-- Issues, from their events and from exported issues. `title`, `culprit`, `level` and `platform` are
-- those of the newest event, or exported ones if there is no event. `users` counts values of the
-- `user` tag.
CREATE VIEW issues AS
WITH seen AS (
    SELECT
        group_id,
        project_id,
        any_value(organization_slug) AS organization_slug,
        any_value(project_slug) AS project_slug,
        max_by(title, timestamp) AS title,
        max_by(culprit, timestamp) AS culprit,
        max_by(level, timestamp) AS level,
        max_by(platform, timestamp) AS platform,
        count(*) AS events,
        count(DISTINCT "user") AS users,
        min(timestamp) AS first_seen,
        max(timestamp) AS last_seen,
        min_by(release, timestamp) AS first_release,
        max_by(release, timestamp) AS last_release
    FROM events
    WHERE group_id IS NOT NULL
    GROUP BY group_id, project_id
),
known AS (  -- one export may specify the project of an issue while another does not
    SELECT issue.* REPLACE (
        coalesce(issue.organization_slug, lone.organization_slug) AS organization_slug,
        coalesce(owner.project_slug, lone.project_slug, issue.project_slug) AS project_slug
    )
    FROM exported.issues AS issue
    LEFT JOIN parts.projects AS owner
        ON owner.project_id = issue.project_id
        AND owner.organization_slug = issue.organization_slug
    LEFT JOIN parts.fallbacks AS lone
        ON lone.project_id = issue.project_id
        AND lone.standing = 'unknown'
        AND issue.organization_slug IS NULL
    QUALIFY issue.project_id IS NOT NULL
        OR count(issue.project_id) OVER (PARTITION BY group_id) = 0
)
SELECT
    seen.* REPLACE (
        coalesce(seen.project_id, issue.project_id) AS project_id,
        coalesce(seen.organization_slug, issue.organization_slug) AS organization_slug,
        coalesce(seen.project_slug, issue.project_slug) AS project_slug,
        coalesce(seen.title, issue.title) AS title,
        coalesce(seen.culprit, issue.culprit) AS culprit,
        coalesce(seen.level, issue.level) AS level,
        coalesce(seen.platform, issue.platform) AS platform
    ),
    issue.short_id,
    issue.status,
    issue.substatus,
    issue.assignee,
    issue.times_seen,
    issue.user_count,
    issue.first_seen AS exported_first_seen,
    issue.last_seen AS exported_last_seen,
    issue.permalink,
    issue.as_of
FROM seen
LEFT JOIN known AS issue
    ON issue.group_id = seen.group_id
    AND is_same_project(issue.project_id, seen.project_id)
UNION ALL BY NAME
SELECT
    group_id,
    project_id,
    organization_slug,
    project_slug,
    title,
    culprit,
    level,
    platform,
    0 AS events,
    0 AS users,
    short_id,
    status,
    substatus,
    assignee,
    times_seen,
    user_count,
    first_seen AS exported_first_seen,
    last_seen AS exported_last_seen,
    permalink,
    as_of
FROM known AS issue
ANTI JOIN (SELECT DISTINCT group_id, project_id FROM parts.events) AS seen
    ON issue.group_id = seen.group_id
    AND is_same_project(issue.project_id, seen.project_id);

CREATE VIEW feedback AS
SELECT * FROM exported.feedback;

-- An envelope has an attachment's bytes, a list has its ID: the two are merged into one row.
CREATE VIEW attachments AS
SELECT * REPLACE (coalesce(data, any_value(data) OVER same) AS data)
FROM exported.attachments
WINDOW same AS (PARTITION BY event_id, name, sha1)
QUALIFY id IS NOT NULL OR count(id) OVER same = 0;

-- The values of an interface, from an entry of the API or a member of a stored event.
CREATE MACRO interface_values(event, interface) AS coalesce(
    list_filter(
        json_extract(event, '$.entries[*]'),
        lambda entry: (entry->>'type') = interface
    )[1]->'$.data.values[*]',
    json_extract(event, '$.' || interface || '.values[*]')
);

-- A timestamp in JSON: ISO 8601 or seconds since 1970. Anything else is NULL, and so is a timestamp
-- outside of the years 1 to 9999, such as an epoch in milliseconds.
CREATE MACRO read_timestamp(text) AS coalesce(
    CASE
        WHEN try_cast(text AS TIMESTAMPTZ) >= '0001-01-01 00:00:00Z'::TIMESTAMPTZ
            AND try_cast(text AS TIMESTAMPTZ) < '10000-01-01 00:00:00Z'::TIMESTAMPTZ
        THEN try_cast(text AS TIMESTAMPTZ)
    END,
    CASE
        WHEN try_cast(text AS DOUBLE) >= -62135596800 AND try_cast(text AS DOUBLE) < 253402300800
        THEN to_timestamp(try_cast(text AS DOUBLE))
    END
);

-- The next three views parse JSON at query time, which takes seconds where tables take milliseconds.
-- Filter by event_id, group_id or timestamp to read less.
CREATE VIEW exceptions AS
WITH chains AS (
    SELECT
        event_id,
        event_key,
        try_cast(project_id AS BIGINT) AS project_id,
        try_cast(group_id AS BIGINT) AS group_id,
        timestamp,
        interface_values(event, 'exception') AS chain
    FROM payloads
),
links AS (
    SELECT *, unnest(chain) AS exception, generate_subscripts(chain, 1) - 1 AS stack_level
    FROM chains
)
SELECT
    event_id,
    event_key,
    project_id,
    group_id,
    timestamp,
    stack_level::INTEGER AS stack_level,
    exception->>'type' AS type,
    exception->>'value' AS value,
    exception->>'module' AS module,
    exception->>'$.mechanism.type' AS mechanism_type,
    try_cast(exception->>'$.mechanism.handled' AS BOOLEAN) AS handled,
    exception
FROM links;

CREATE VIEW breadcrumbs AS
WITH trails AS (
    SELECT
        event_id,
        event_key,
        try_cast(project_id AS BIGINT) AS project_id,
        try_cast(group_id AS BIGINT) AS group_id,
        timestamp,
        interface_values(event, 'breadcrumbs') AS trail
    FROM payloads
),
crumbs AS (
    SELECT *, unnest(trail) AS crumb, generate_subscripts(trail, 1) - 1 AS breadcrumb_index
    FROM trails
)
SELECT
    event_id,
    event_key,
    project_id,
    group_id,
    timestamp,
    breadcrumb_index::INTEGER AS breadcrumb_index,
    read_timestamp(crumb->>'timestamp') AS happened,
    crumb->>'type' AS type,
    crumb->>'category' AS category,
    crumb->>'level' AS level,
    crumb->>'message' AS message,
    crumb->'data' AS data
FROM crumbs;

CREATE VIEW contexts AS
WITH objects AS (
    SELECT
        event_id,
        event_key,
        try_cast(project_id AS BIGINT) AS project_id,
        try_cast(group_id AS BIGINT) AS group_id,
        timestamp,
        event->'contexts' AS contexts
    FROM payloads
),
pairs AS (
    SELECT *, unnest(json_keys(contexts)) AS name, unnest(contexts->'$.*') AS context
    FROM objects
)
SELECT
    event_id,
    event_key,
    project_id,
    group_id,
    timestamp,
    name,
    context->>'type' AS type,
    context
FROM pairs;
