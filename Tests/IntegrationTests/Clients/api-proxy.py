#!/usr/bin/env python3
"""A proxy in front of a host's API server, with that server's own certificate, which answers some requests badly.

usage: api-proxy.py STATE HOST KIND SHARE      runs in the host's network; listens on 127.0.0.1:7443 and says "ready"; ends when standard
                                               input does, and prints how many requests it answered badly

KIND is 429 or 500 (such an answer), truncate (half of a body, then the end of the connection) or reset (no answer but a reset).
SHARE of all requests is answered so; of what is written, half after it was carried out.
"""
import http.client, http.server, json, random, socket, ssl, struct, sys, threading

import administrator, https_server

state, host, kind, share = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
upstream = administrator.tls_context(state + "/admin.conf")
spoilt = 0
local = threading.local()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        global spoilt
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_bad = random.random() < share
        if not is_bad or random.random() < 0.5 or kind == "truncate":
            try:
                status, headers, text = self.forward(body)
            except (OSError, http.client.HTTPException):
                self.close_connection = True
                return
        if not is_bad:
            return self.answer(status, headers, text, len(text))
        spoilt += 1
        if kind == "truncate":
            self.answer(status, headers, text, len(text) // 2)
        elif kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            words = {"kind": "Status", "status": "Failure", "message": "the proxy says so", "reason": "Proxy", "code": int(kind)}
            text = json.dumps(words).encode()
            return self.answer(int(kind), [("Content-Type", "application/json"), ("Retry-After", "1")], text, len(text))
        self.close_connection = True

    do_GET = do_PATCH = do_PUT = do_POST = do_DELETE = handle_any

    def forward(self, body):
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPSConnection("127.0.0.1", 6443, timeout=60, context=upstream)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")}
        try:
            local.connection.request(self.command, self.path, body or None, headers)
            response = local.connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            local.connection.close()
            del local.connection
            raise
        kept = ("content-type", "retry-after", "audit-id")
        return response.status, [(name, value) for name, value in response.getheaders() if name.lower() in kept], text

    def answer(self, status, headers, text, sent):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text[:sent])


pki = f"{state}/hosts/{host}/etc-kubernetes/pki"
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(f"{pki}/apiserver.crt", f"{pki}/apiserver.key")
tls.load_verify_locations(f"{pki}/ca.crt")
tls.verify_mode = ssl.CERT_OPTIONAL
https_server.serve("127.0.0.1", 7443, Handler, tls)
print(spoilt)
