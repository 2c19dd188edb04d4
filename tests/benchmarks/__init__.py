"""Benchmarks: ``make bench`` runs them all. Here, so that each of them finds the library."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow_scripts"))
