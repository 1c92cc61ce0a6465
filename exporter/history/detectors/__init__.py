"""What a trend's past makes one expect of its next day: a module of ``kinds`` each, found by its method."""
