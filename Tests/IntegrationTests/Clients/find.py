#!/usr/bin/env python3
"""Prints every file below some directories that was changed since some second and holds one of some byte strings.

usage: find.py SINCE DIRECTORY...      standard input has the byte strings in hexadecimal, a line each
"""
import os, stat, sys

wanted = [bytes.fromhex(line) for line in sys.stdin.read().split()]
longest = max(map(len, wanted))
since = int(sys.argv[1])
for top in sys.argv[2:]:
    for directory, directories, files in os.walk(top):
        directories[:] = [d for d in directories if not os.path.ismount(os.path.join(directory, d))]
        for name in files:
            path = os.path.join(directory, name)
            try:
                status = os.lstat(path)
                if not stat.S_ISREG(status.st_mode) or status.st_ctime < since:
                    continue
                with open(path, "rb") as file:
                    tail = b""
                    while chunk := file.read(1 << 20):
                        if any(text in tail + chunk for text in wanted):
                            print(path)
                            break
                        tail = chunk[-longest:]
            except OSError:
                pass
