"""One incident per cause, over all the days that it affects."""
