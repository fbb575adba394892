"""`python -m train explore`: what a data set holds, before anything is trained on it, as a report."""
