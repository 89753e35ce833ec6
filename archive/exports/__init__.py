"""What users have on disk: find and open sources, split records, recognise shapes."""
