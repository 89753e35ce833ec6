"""Query results as text: tables, CSV, JSON and Markdown."""
