"""A generated pipeline: believable days, an upstream DQ step, a live demo."""
