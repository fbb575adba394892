"""Slide sessions: what a run found, in a folder that a pulled plug cannot spoil (docs/sessions.md)."""
