"""`launch.py HANDLE COMMAND...`: run a command, and write its cost to a handle.

JSON: status, wall, cpu (seconds), maxrss (as getrusage has it). What starts a process
must be small, for Linux counts the memory of a process before `exec` into its peak, and
that is the memory of who started it (`setmax_mm_hiwater_rss` in fs/exec.c), whether by
fork or by vfork. So this runs in between, in 10 MB: nothing smaller can be measured.
"""

import os
import sys
import time

handle, command = int(sys.argv[1]), sys.argv[2:]
os.set_inheritable(handle, False)
begin = time.perf_counter()
pid = os.posix_spawnp(command[0], command, os.environ)
_, status, used = os.wait4(pid, 0)
wall = time.perf_counter() - begin
code, cpu = os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime
found = f'"status":{code},"wall":{wall},"cpu":{cpu},"maxrss":{used.ru_maxrss}'
os.write(handle, f"{{{found}}}".encode())
