"""SQL over the live parts of an archive, by DuckDB."""
