"""Check somebody's solutions of the exercises: run them in a copy, and say what works and what does not."""
