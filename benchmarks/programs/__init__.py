"""The programs of the comparison: each reads the workload in its own form and prints what was realised."""
