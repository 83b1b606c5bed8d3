"""What `python -m benchmarks writes` measures, a module each: `NAME`, and `run(stand)` giving figures."""
