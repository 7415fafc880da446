#!/usr/bin/env python3
"""A client that writes and reads Secrets of its own through every API server, and keeps the digest of each value in a ledger.

usage: ledger.py KUBECONFIG NAMESPACE RATE LEDGER ADDRESS...

LEDGER is a file, read at the start where it is there: {name: [SHA-256 of each value that the Secret may have; null: it may be gone]}.
It ends when standard input does: then it reads everything through every API server, past every cache, writes the ledger, and prints one
JSON object: reads, writes, objects (counts), unreached (requests without an answer), unavailable (answers of a server or an etcd that is
not ready, counted by their words), denied (writes that an admission webhook had refused), failed_reads and failed_writes (all other
answers that are errors), wrong (Secrets that are gone, or have a value that nobody wrote), together (how many API servers at most refused
connections at one instant).
"""
import base64, collections, hashlib, http.client, json, os, random, re, socket, sys, threading, time

import administrator

kubeconfig, namespace, rate, path, addresses = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4], sys.argv[5:]
tls = administrator.tls_context(kubeconfig)
ledger = json.load(open(path)) if os.path.exists(path) else {}
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
counts = collections.Counter()
unavailable = collections.Counter()
failed = {"reads": [], "writes": []}
wrong = set()
# What a write without an answer was about: it may still be carried out. Whoever reads the ledger next knows better.
unsettled = set()
made = 0
secrets = f"/api/v1/namespaces/{namespace}/secrets"

# How an API server says that it, its etcd or what is between them is not ready. What a missing key makes it say is never among these.
NOT_READY = re.compile(
    r"etcdserver: (request timed out|leader changed|no leader|server stopped|too many requests|not capable)|context deadline exceeded"
    r"|connection refused|transport is closing|error reading from server|connection error|Timeout: request did not complete"
    r"|the server is currently unable to handle the request|apiserver (not ready|is shutting down)|raft: stopped|EOF$"
    # It looks for quotas in etcd before it takes a new object.
    r"|resource quota evaluation timed out")
DENIED = re.compile(r"admission webhook|failed calling webhook")


def attempt(address, method, where, body=None):
    """Status, body, and whether a webhook denied it; no status where there was no answer that says anything about the Secret."""
    try:
        status, text = administrator.request(tls, address, method, where, body)
    except (OSError, http.client.HTTPException):
        counts["unreached"] += 1
        return None, None, False
    if status in (200, 201, 404, 409):
        return status, text, False
    words = text[:2000].decode(errors="replace")
    try:
        words = json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        pass
    if method != "GET" and DENIED.search(words):
        counts["denied"] += 1
        return None, None, True
    if status in (429, 503, 504) or NOT_READY.search(words):
        unavailable[f"{status} {words[:120]}"] += 1
    else:
        failed["reads" if method == "GET" else "writes"].append([time.time(), address, method, where, status, words[:300]])
    return None, None, False


def digest(value):
    return hashlib.sha256(value.encode()).hexdigest()


def expect(name, secret, address):
    """The Secret has a value that the ledger knows; from now on it is that one."""
    found = digest(base64.b64decode(secret["data"]["value"]).decode(errors="replace")) if secret else None
    if found not in ledger[name]:
        wrong.add(f"{name} through {address}: " + ("another value" if secret else "gone"))
    elif name not in unsettled:
        ledger[name] = [found]


def write(address):
    """A Secret is made, changed or deleted; without an answer both is possible, and also that it happens later."""
    global made
    known = [name for name, values in ledger.items() if None not in values and name not in unsettled]
    chance = random.random()
    if len(known) < 40 or chance < 0.3 and len(known) < LIMIT:
        made += 1
        name, method, before = f"ledger-{int(begun)}-{made}", "POST", [None]
    else:
        name = random.choice(known)
        method, before = ("DELETE" if chance > 0.9 else "PUT"), ledger[name]
    value = "atrest-ledger-" + base64.b64encode(os.urandom(48)).decode()
    after = None if method == "DELETE" else digest(value)
    where = secrets if method == "POST" else f"{secrets}/{name}"
    body = None if method == "DELETE" else json.dumps({"metadata": {"name": name}, "stringData": {"value": value}})
    status, was_denied = attempt(address, method, where, body)[::2]
    counts["writes"] += 1
    if status in (200, 201):
        ledger[name] = [after]
    elif status is None and not was_denied:
        ledger[name] = before + [after]
        unsettled.add(name)
    elif status == 404:
        wrong.add(f"{name} through {address}: gone")


def read(address):
    name = random.choice(list(ledger))
    status, text, _ = attempt(address, "GET", f"{secrets}/{name}")
    counts["reads"] += 1
    if status is not None:
        expect(name, json.loads(text) if status == 200 else None, address)


def read_all(address):
    """Without a resourceVersion an API server asks etcd, not its cache."""
    found, token = {}, ""
    while True:
        status, text, _ = attempt(address, "GET", f"{secrets}?limit=500&continue={token}")
        if status != 200:
            return False
        page = json.loads(text)
        found.update((secret["metadata"]["name"], secret) for secret in page["items"])
        token = page["metadata"].get("continue")
        if not token:
            break
    counts["reads"] += len(found)
    for name in ledger:
        expect(name, found.get(name), address)
    for name in found.keys() - ledger.keys():
        if name.startswith("ledger-"):
            wrong.add(f"{name} through {address}: nobody wrote it")
    return True


refusing = {}


def watch(address):
    """Whether an API server takes connections, ten times a second."""
    while not stop.wait(0.1):
        try:
            socket.create_connection((address, 6443), 2).close()
            refusing.pop(address, None)
        except OSError:
            refusing[address] = True
            counts["together"] = max(counts["together"], len(refusing))


LIMIT = 400
begun = time.time()
for address in addresses:
    threading.Thread(target=watch, args=[address], daemon=True).start()
number = 0
while not stop.is_set():
    address = addresses[(number // 3) % len(addresses)]
    if number % 3 == 0 or not ledger:
        write(address)
    else:
        read(address)
    number += 1
    pause = begun + number / rate - time.time()
    if pause > 0:
        stop.wait(pause)

for address in addresses:
    deadline = time.time() + 120
    while not read_all(address):
        if failed["reads"] or time.time() > deadline:
            wrong.add(f"everything through {address}: it could not be read")
            break
        time.sleep(0.5)
# What is known to be gone needs no entry.
ledger = {name: values for name, values in ledger.items() if values != [None]}
with open(path + ".new", "w") as file:
    json.dump(ledger, file)
os.replace(path + ".new", path)
json.dump(
    {"reads": counts["reads"], "writes": counts["writes"], "objects": len(ledger), "unreached": counts["unreached"],
     "unavailable": unavailable, "denied": counts["denied"], "failed_reads": failed["reads"], "failed_writes": failed["writes"],
     "wrong": sorted(wrong), "together": counts["together"]}, sys.stdout)
