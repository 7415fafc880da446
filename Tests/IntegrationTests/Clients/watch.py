#!/usr/bin/env python3
"""Collects the arguments and environments of every process of this machine until standard input ends; the hosts' processes
are among them. Prints each different one once, as hexadecimal, a line each.
"""
import os, select, sys

seen = set()
while not select.select([sys.stdin], [], [], 0.05)[0]:
    for process in os.listdir("/proc"):
        if not process.isdigit():
            continue
        for name in ("cmdline", "environ"):
            try:
                with open(f"/proc/{process}/{name}", "rb") as file:
                    seen.add(file.read())
            except OSError:
                pass
for text in seen:
    print(text.hex())
