"""Running Bitfolio for real: backups, safe upgrades, logs one can follow, metrics. It computes no money."""
