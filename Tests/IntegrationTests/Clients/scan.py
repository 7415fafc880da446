#!/usr/bin/env python3
"""Looks through the memory of every process of a program, again and again until standard input ends, for some byte strings.

usage: scan.py EXECUTABLE NAME=HEX...      prints the NAME of each byte string that was ever there, a line each
"""
import os, select, sys

executable = os.path.realpath(sys.argv[1])
wanted = {name: bytes.fromhex(text) for name, _, text in (word.partition("=") for word in sys.argv[2:])}
found = set()


def regions(process):
    with open(f"/proc/{process}/maps") as maps:
        for line in maps:
            span, access, _, _, inode = line.split()[:5]
            # What the kernel maps from files is the program itself.
            if access.startswith("rw") and inode == "0":
                start, _, end = span.partition("-")
                yield int(start, 16), int(end, 16)


def look(process):
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for start, end in regions(process):
            try:
                memory.seek(start)
                content = memory.read(end - start) or b""
            except (OSError, ValueError, OverflowError):
                continue
            found.update(name for name, text in wanted.items() if text in content)


while not select.select([sys.stdin], [], [], 0.05)[0]:
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{process}/exe") == executable:
                look(process)
        except OSError:
            pass
print("\n".join(sorted(found)))
