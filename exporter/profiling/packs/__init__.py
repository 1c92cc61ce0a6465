"""What looks at the rows of one kind of business: a module each, with a ``PACK``."""
