"""Memory and sparsity: PS13."""
