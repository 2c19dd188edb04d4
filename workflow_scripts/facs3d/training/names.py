"""Names of the networks, for those who cannot import PyTorch."""

MODEL_NAMES = ("cnn2d", "cnn2d_lstm", "facs3d")
"""Of :data:`facs3d.training.models.MODELS`, in the order of tables."""
