"""Simulated active learning: the loop of the commands, in one process.

A round is a pure function of the data, the run and its curve so far (`round.py`). A run
therefore resumes from its curve after a kill, and workers play rounds of several runs
at once (`scheduler.py`).
"""
