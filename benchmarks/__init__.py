"""Measure what matters: time a tile and a frame, memory, accuracy. Never part of what ships."""
