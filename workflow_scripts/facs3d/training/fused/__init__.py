"""The streams' first blocks as Triton kernels, for GPUs."""
