"""The parts of `cancernet calibrate`: each step is a function from frames to a frozen result, in `*_steps`."""
