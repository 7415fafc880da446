#!/usr/bin/env python3
"""A client that reads Secrets through every API server, and creates and then changes its own through all of them in turn.

usage: load.py KUBECONFIG NAMESPACE RATE ADDRESS...      ends when standard input does, then prints one JSON object:
requests, http_errors [[time, address, method, status, message]], lost [[time, address, method, error]] (refused or dropped, also
by an API server that ends with the request under way), created (names).
"""
import http.client, json, sys, threading, time

import administrator

kubeconfig, namespace, rate, addresses = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:]

tls = administrator.tls_context(kubeconfig)
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
result = {"requests": 0, "http_errors": [], "lost": [], "created": []}


def attempt(address, method, path, body=None):
    result["requests"] += 1
    try:
        status, text = administrator.request(tls, address, method, path, body)
    except (OSError, http.client.HTTPException) as error:
        result["lost"].append([time.time(), address, method, repr(error)])
        return None
    if status >= 400:
        words = text[:300].decode(errors="replace")
        result["lost" if is_ending(words) else "http_errors"].append([time.time(), address, method, status, words])
    return status


def is_ending(words):
    """An API server that ends closes its port first, and then cannot ask itself what a request that it still has needs: a quota."""
    return "dial tcp [::1]:6443: connect: connection refused" in words


def secret(name, value):
    """One of this client's own; whatever it is written with, a change of the annotation is a write."""
    metadata = {"name": name, "labels": {"written-by": "load"}, "annotations": {"round": str(number)}}
    return json.dumps({"metadata": metadata, "stringData": {"value": value}})


# As many Secrets as every rewrite has to carry beside the seeded ones.
LIMIT = 500
secrets = f"/api/v1/namespaces/{namespace}/secrets"
number = 0
begun = time.time()
while not stop.is_set():
    address = addresses[(number // 2) % len(addresses)]
    if number % 2 == 0 and len(result["created"]) < LIMIT:
        name = f"load-{int(begun)}-{number}"
        if attempt(address, "POST", secrets, secret(name, f"written-{number}")) == 201:
            result["created"].append(name)
    elif number % 2 == 0:
        name = result["created"][number // 2 % LIMIT]
        attempt(address, "PUT", f"{secrets}/{name}", secret(name, "written-" + name.rsplit("-", 1)[1]))
    elif result["created"]:
        # Old and new ones alike: a stride that visits them all.
        created = result["created"]
        attempt(address, "GET", f"{secrets}/{created[(number * 7919) % len(created)]}")
        attempt(address, "GET", f"{secrets}/seed-{number % 100}")
    number += 1
    pause = begun + number / rate - time.time()
    if pause > 0:
        stop.wait(pause)
result["seconds"] = time.time() - begun
json.dump(result, sys.stdout)
