"""What Bitfolio's speed is measured with: `make bench`. The last results stand in results.md beside this."""
