"""Mixed load on a whole installation while its processes are killed at random, and the proof afterwards."""
