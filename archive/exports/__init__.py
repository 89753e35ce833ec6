"""Read exports: find and open sources, split them into records, detect events."""
