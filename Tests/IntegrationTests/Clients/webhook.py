#!/usr/bin/env python3
"""An admission webhook that denies all that it is asked, or never answers.

usage: webhook.py CERTIFICATE KEY ADDRESS denies|hangs      listens on ADDRESS:9443 and says "ready"; ends when standard input does, and
                                                            prints how often it was asked
"""
import http.server, json, ssl, sys, threading

import https_server

certificate, key, address, kind = sys.argv[1:5]
asked = 0
over = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global asked
        asked += 1
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if kind == "hangs":
            over.wait()
            return
        words = {"allowed": False, "uid": review["request"]["uid"], "status": {"code": 403, "message": "nothing is to be written now"}}
        answer = json.dumps({"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": words}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(certificate, key)
https_server.serve(address, 9443, Handler, tls)
over.set()
print(asked)
