"""What stands wherever the program shows a verdict."""

NOTE = "Research use only: not a diagnosis, not a medical device."
