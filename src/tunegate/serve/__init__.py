"""From the tags to a server: render its configuration, fetch its adapters."""
