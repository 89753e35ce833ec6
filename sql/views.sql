-- What a user sees in SQL. The schema `parts` holds the live parts of the archive as they are
-- on disk; slugs that an export did not tell are filled in from what other loads have told.

CREATE VIEW projects AS
SELECT * FROM parts.projects;

CREATE VIEW loads AS
SELECT * FROM parts.loads;

CREATE VIEW sources AS
SELECT * FROM parts.sources;

CREATE VIEW events AS
WITH lone AS (  -- a project ID that only one organization uses needs no organization to be known
    SELECT project_id, any_value(organization_slug) AS organization_slug,
           any_value(project_slug) AS project_slug
    FROM parts.projects
    GROUP BY project_id
    HAVING count(*) = 1
)
SELECT event.* REPLACE (
    coalesce(event.organization_slug, lone.organization_slug) AS organization_slug,
    coalesce(event.project_slug, told.project_slug, lone.project_slug) AS project_slug
)
FROM parts.events AS event
LEFT JOIN parts.projects AS told
    ON told.project_id = event.project_id
    AND told.organization_slug = event.organization_slug
LEFT JOIN lone
    ON lone.project_id = event.project_id
    AND coalesce(event.organization_slug = lone.organization_slug, true);

CREATE VIEW frames AS
SELECT * FROM parts.frames;

CREATE VIEW tags AS
SELECT * FROM parts.tags;

-- `raw` is the exported JSON, ready for ->> and json_extract, and `event` the event in it, which
-- an eventids answer wraps. Text that is no strict JSON (NaN, lone surrogates) is a JSON string.
CREATE VIEW payloads AS
SELECT *, CASE WHEN shape = 'eventids' THEN raw->'$.event' ELSE raw END AS event
FROM (
    SELECT * REPLACE (coalesce(try_cast(decode(raw) AS JSON), to_json(decode(raw))) AS raw)
    FROM parts.payloads
);
