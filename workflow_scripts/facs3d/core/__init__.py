"""What every program stands on: errors, whole files, settings, seeds, progress, provenance."""
