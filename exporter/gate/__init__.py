"""The gate: what must not be loaded downstream until a person has reviewed it."""
