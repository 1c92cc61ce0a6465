"""What column types share: values of a block with their rows, and how what they say adds up."""
