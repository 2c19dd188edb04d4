"""What people call the models and the metrics."""

FULL_NAMES = {"cnn2d": "2D CNN", "cnn2d_lstm": "2D CNN-LSTM", "facs3d": "FACS3D-Net"}
SHORT_NAMES = {"cnn2d": "2D", "cnn2d_lstm": "LSTM", "facs3d": "3D"}
"""The paper's names of the models (Table I); a model that is not listed keeps its own name."""
METRIC_NAMES = {"negative_agreement": "NA", "F1_skew_normalised": "F1, skew-normalised"}
"""Where it is not the name in the files for programs."""


def full_name(model: str) -> str:
    """The model's name in prose and legends."""
    return FULL_NAMES.get(model, model)


def short_name(model: str) -> str:
    """The model's name in the heads of tables."""
    return SHORT_NAMES.get(model, model)


def metric_name(metric: str) -> str:
    """The metric's name in tables and figures for people, as in the paper."""
    return METRIC_NAMES.get(metric, metric)
