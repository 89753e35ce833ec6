-- title: SDK versions
-- description: SDKs and versions that sent the events, and when each was last seen.
-- params: since until project release limit
-- column: sdk -- The SDK.
-- column: version -- Its version.
-- column: events -- Events it sent.
-- column: share -- Share of all these events, in percent.
-- column: projects -- Projects it was used in.
-- column: first_seen -- The oldest of these events.
-- column: last_seen -- The newest of these events.
-- chart: bar sdk events by version
SELECT
    sdk_name AS sdk,
    sdk_version AS version,
    count(*) AS events,
    round(100 * events / sum(events) OVER (), 1) AS share,
    count(DISTINCT project_id) AS projects,
    min(timestamp) AS first_seen,
    max(timestamp) AS last_seen
FROM events_of($project, $since, $until, $release)
GROUP BY sdk, version
ORDER BY events DESC, sdk, version
LIMIT $limit;
