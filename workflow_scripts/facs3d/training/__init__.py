"""From clips to weights and predictions."""
