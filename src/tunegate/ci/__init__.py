"""A pull request: judged again from its recorded scores, and told in one comment. Knows GitHub, no model.

`tunegate ci judge` runs without rights on what the pull request brings; `tunegate ci publish` has the right to comment
and runs nothing of it. `ci` and `gate` are siblings: the command line hands `ci` the function that judges.
"""
