#!/usr/bin/env python3
"""A wire that is slow and loses frames, as `tc netem` makes one; many kernels are built without that.

usage: bad-network.py LINK LINK DELAY LOSS      carries every frame from one link to the other, DELAY seconds later, but for a share of LOSS;
                                                says "ready", ends when standard input does, and prints how many frames it lost
"""
import collections, random, select, socket, sys, time

left, right, delay, loss = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
ETH_P_ALL = 3
PACKET_OUTGOING = 4
SOL_PACKET = 263
PACKET_VNET_HDR = 15
lost = 0


def raw(link):
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    # With each frame comes what is left to do for it: its checksum, and where it is to be cut. It is handed on as it came.
    made.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    made.bind((link, 0))
    return made


def carry(ends):
    """Until standard input ends."""
    global lost
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    under_way = collections.deque()
    while True:
        wait = max(0, under_way[0][0] - time.monotonic()) if under_way else None
        ready, _, _ = select.select([*ends, sys.stdin], [], [], wait)
        if sys.stdin in ready and not sys.stdin.buffer.read1():
            return
        for end in ends:
            if end in ready:
                frame, where = end.recvfrom(1 << 17)
                if where[2] == PACKET_OUTGOING:
                    continue
                if random.random() < loss:
                    lost += 1
                else:
                    under_way.append((time.monotonic() + delay, other[end], frame))
        while under_way and under_way[0][0] <= time.monotonic():
            _, end, frame = under_way.popleft()
            try:
                end.send(frame)
            except OSError:
                lost += 1


ends = [raw(left), raw(right)]
print("ready", flush=True)
carry(ends)
print(lost)
