"""The live page: an instrument at work, seen and led from a phone's browser. Needs the extra `live`."""
