"""A run as a service of the system: what systemd is told while it runs, and the unit that starts it."""
