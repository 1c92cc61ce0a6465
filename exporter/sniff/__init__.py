"""Look at files that nobody has described yet, and propose the contract that describes them."""
