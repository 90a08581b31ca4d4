"""The doors that browsers use, by subject."""
