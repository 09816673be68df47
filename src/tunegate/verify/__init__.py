"""Is a released version what was released? Tag, signature, files and verdict, held against each other."""
