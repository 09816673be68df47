"""Programs that a model wrote, run and judged: pass@k in HumanEval's format, in a sandbox that holds.

inside      what runs in a sandbox: the candidate's side, the tests' side, and the values that pass between them
interpreter which files of this Python a sandbox needs
syscalls    which system calls a sandbox refuses
engine      starts one sandbox (bubblewrap), or says why there is none
watch       the memory of all processes of a sandbox
pair        one completion: two sandboxes, one outcome
run         many completions, several at once
humaneval   reads problems and completions
results     what is kept of each completion, and how a killed run goes on
estimate    pass@k (pure)
exploits    programs that try to cheat or to do harm: for tests, benchmark and `tunegate sandbox check`
command     `tunegate sandbox check` and `tunegate sandbox run`
"""
