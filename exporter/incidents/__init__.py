"""One incident for one cause, over all the days that it touches."""
