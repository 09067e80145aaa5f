"""Whole loops over labelled records: what the commands do, in one process.

A round is a function of the data, the run and its curve so far (`rounds.py`), and a run
goes on from what stands in the curve: so it may be stopped at any moment, and rounds of
several runs are played by several processes.
"""
