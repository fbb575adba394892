"""Look this computer over: what would keep a run from working, and the mend of each."""
