"""One file a task: what it is made of, the adapter that hides how solutions differ, and the list of probes."""
