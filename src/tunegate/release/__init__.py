"""The only stage that refuses: renders the bundle, tags it when everything stands."""
