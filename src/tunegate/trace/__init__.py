"""Where a row of data went: splits, runs, releases."""
