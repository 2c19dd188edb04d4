"""FACS3D-Net: facial action-unit detection from registered video, one module per concept."""
