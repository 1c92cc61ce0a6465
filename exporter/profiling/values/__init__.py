"""What column types share: values of a block with their rows, and mergeable counts."""
