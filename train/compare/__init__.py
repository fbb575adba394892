"""`python -m train compare`: runs and models side by side, as a report."""
