"""What runs inside a sandbox, with the standard library and nothing else.

wire     plain values as bytes, and back: all that passes between candidate and judge
confine  limits of a process, and who it is
serve    the candidate's side: answers calls
check    the judge's side: runs the tests, asks the candidate's side for each call
"""
