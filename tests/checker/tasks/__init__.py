"""One file a task: on top the adapter that hides how solutions differ, below it the list of probes."""
