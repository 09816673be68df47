"""Raw data to clean, traceable rows; what is rejected is kept and counted."""
