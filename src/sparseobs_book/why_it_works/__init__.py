"""What the page `why_it_works` runs."""
