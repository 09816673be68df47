"""vLLM as a program: what its files say, how it is started, what it answers."""
