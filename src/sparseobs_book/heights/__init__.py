"""What stations teach a network of height where nobody reduces temperatures to sea level."""
