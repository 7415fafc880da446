#!/usr/bin/env python3
"""An admission webhook that denies all that it is asked, or never answers.

usage: webhook.py CERTIFICATE KEY ADDRESS denies|hangs      listens on ADDRESS:9443 and says "ready"; ends when standard input does, and
                                                            prints how often it was asked
"""
import http.server, json, ssl, sys, threading

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

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(certificate, key)
server = Server((address, 9443), Handler)
server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
over.set()
print(asked)
