"""What must survive a restart: profiles, first arrivals, changes, incidents, values."""
