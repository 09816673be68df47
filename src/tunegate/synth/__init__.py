"""Synthetic rows: a stronger model writes variations of real ones, for people to review.

seeds     which real rows are shown in which request (pure)
prompt    the words of a request, and the form of the answer (pure)
reply     the teacher's text -> rows (pure)
checks    which rows may stay (pure)
protocol  an HTTP answer -> a reply, try again, give up, or an error (pure)
pace      when the next request may be sent
budget    what was spent, and what the next request could cost
client    asks the teacher
answers   finished requests on disk
output    the rows, and what was refused
work      the loop: asks several at once, takes answers in the order of their numbers
summary   what a person reads
stage     all of it: `tunegate synth KEY`
"""
