"""The paper's claims, each judged on our results by one rule."""
