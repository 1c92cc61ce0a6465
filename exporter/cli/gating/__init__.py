"""What the verb ``gate`` does, one module for each of its concerns."""
