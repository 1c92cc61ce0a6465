"""Monte Carlo: bodies of its push API, made without its SDK; the SDK only sends."""
