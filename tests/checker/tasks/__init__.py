"""One file a task: what it is made of, the adapter that hides how solutions differ, and the list of probes.

A probe is a function with a world (sqlite_world, mysql_world), added by @TASK.probe(level, promise, advice).
It returns when the promise is kept, and else raises

- Fault: the probe's own finding, under which its advice is printed;
- Crash, or what attempt() makes of an exception: the code failed at something else, so no advice;
- NotTried: this one probe could find nothing out, for example because no user came;
- Broken, Unavailable: nothing more of this task can be tried, if the probe `decides`.

Each probe that waits for an error first makes sure that the solution got so far: no "ok" without a test.
"""
