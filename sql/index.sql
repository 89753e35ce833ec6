-- An index file: one row per event, sorted by event ID, that says where the event's payload is and
-- what the resolver and deduplication need to know about it. Times are in microseconds since 1970.
-- A row counts only as long as the manifest lists its part.
CREATE TABLE entries (
    event_id UUID,
    organization_slug VARCHAR,   -- from the export, or from --org
    project_slug VARCHAR,        -- from the export, or from --project
    project_id VARCHAR,
    group_id VARCHAR,            -- ID of the issue
    timestamp BIGINT,            -- when the event happened
    delay BIGINT,                -- from then until Sentry received it, which takes fewer bits
    shape VARCHAR,               -- of the export: eventids, detail, full, store, ...
    digest UUID,                 -- BLAKE2b-128 of the compact JSON
    organization_given BOOLEAN,  -- whether the organization slug comes from --org
    project_given BOOLEAN,       -- whether the project slug comes from --project
    function_count INTEGER,      -- the last four compare the content of two versions
    tag_count INTEGER,
    entry_count INTEGER,
    column_count INTEGER,
    part VARCHAR,                -- payloads/<part>.parquet
    "row" UINTEGER               -- in that part, from 0
);

-- The name of the file in the manifest. A file that was swapped for another one is damage.
CREATE TABLE label (name VARCHAR);
