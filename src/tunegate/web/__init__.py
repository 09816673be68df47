"""What the local pages for people share: personal links, headers, a journal that survives a kill.

A page (`review`; later a blind comparison) brings its routes, its template and its static files; `pages.make_app` puts
the guard around them and `server.serve` runs them on this machine. docs/decisions/0010-web-pages.md says why so.
"""
