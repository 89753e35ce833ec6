-- The queries of the resolver. `entries` is the union of the index files (sql/index.sql); the
-- resolver leaves out the rows whose part is no longer in the manifest.

-- Find one event.
SELECT * FROM entries WHERE event_id = $event_id::UUID;

-- Find many events.
SELECT entry.*
FROM entries AS entry
SEMI JOIN (SELECT unnest($event_ids)::UUID AS event_id) AS wanted
    ON wanted.event_id = entry.event_id;

-- Read payloads. DuckDB checks no page checksums: the digest in the index vouches for the bytes.
SELECT file_row_number AS "row", raw
FROM read_parquet($path, hive_partitioning = false)
WHERE list_contains($rows, file_row_number);
