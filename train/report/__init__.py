"""Reports for people: one HTML file that needs nothing else, and the same figures as JSON beside it."""
