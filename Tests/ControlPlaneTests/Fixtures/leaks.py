#!/usr/bin/env python3
"""Looks for the keys of an encryption configuration where they must not be; prints what it found, a line each.

usage: leaks.py memory FILE PROCESS    in the writable memory of a process: each form of a key with its number of copies
       leaks.py trace FILE TRACE       in what strace recorded of execve and of writes (-f -y -xx -s 1000000): "argument" for
                                       a key in arguments or environment, "written to PATH" for one in anything but a pipe
                                       or a socket, "sent" for one in a pipe or a socket
"""
import base64, re, sys

how, path, subject = sys.argv[1:]
content = open(path, "rb").read()
forms = {}
for number, match in enumerate(re.finditer(rb"secret: (\S+)", content)):
    text = match.group(1)
    # In base64 of the whole file; what is in common whatever stands around it.
    start, end = -(-match.start(1) // 3) * 4, match.end(1) // 3 * 4
    wire = base64.b64encode(content)[start:end]
    forms[f"key {number}"] = [base64.b64decode(text)]
    # Parts, for a copy that was cut short or partly written over is one as well.
    forms[f"key {number} in base64"] = [text[:16], text[16:32]]
    forms[f"key {number} in base64 of the file"] = [wire[:20], wire[20:40]]


def found_in(data):
    return [name for name, parts in forms.items() for _ in range(max(map(data.count, parts)))]


def memory():
    with open(f"/proc/{subject}/maps") as maps, open(f"/proc/{subject}/mem", "rb", buffering=0) as process:
        for line in maps:
            span, access = line.split()[:2]
            if access.startswith("rw"):
                start, _, end = span.partition("-")
                try:
                    process.seek(int(start, 16))
                    yield from found_in(process.read(int(end, 16) - int(start, 16)) or b"")
                except (OSError, ValueError, OverflowError):
                    continue


def trace():
    for line in open(subject):
        if not found_in(bytes.fromhex("".join(re.findall(r"\\x([0-9a-f]{2})", line)))):
            continue
        call = re.match(r"[0-9]+ +(\w+)\((?:-?\d+<([^>]*)>)?", line)
        if call.group(1) == "execve":
            yield "argument"
        else:
            # strace -xx writes paths as bytes too.
            name = re.sub(r"\\x([0-9a-f]{2})", lambda digits: chr(int(digits.group(1), 16)), call.group(2) or "nothing")
            yield "sent" if re.match(r"(pipe|socket|UNIX|TCP)", name) else f"written to {name}"


results = list({"memory": memory, "trace": trace}[how]())
for name in sorted(set(results)):
    print(name if how == "trace" else f"{name}: {results.count(name)}")
