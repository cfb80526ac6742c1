"""What the page `film_against_fine_tuning` runs."""
