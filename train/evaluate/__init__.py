"""`python -m train evaluate`: what a model or a run is worth on patients kept aside, as a report."""
