"""The directory on disk: layout, locks, durable writes, manifests, commits and cleanup."""
