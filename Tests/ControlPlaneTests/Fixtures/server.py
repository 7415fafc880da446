"""A TLS server on a Unix socket for the tests of the HTTP channel.

usage: server.py http1|http2|plain [--client-certificate]

Makes its own certificates, prints "ready DIRECTORY" and serves DIRECTORY/server.sock until its standard
input ends; whoever started it removes the directory. With http2 this process becomes nghttpx, in front of a child that serves plain HTTP/1.1.
Each request is answered with its own path, but:
  /hang     prints "hanging" and is never answered
  /long     is answered with 1 MiB
  /body     is answered with the request's body
  /count    is answered with the number of requests before it
  /headers  is answered with 64 KiB of headers
  /redirect/STATUS  is answered with that status, and leads to /elsewhere
  /stalling  is answered with 1 MiB of 2, and hangs
  /truncated  is answered with less than was promised, and the connection ends
DIRECTORY/closing.sock accepts connections and closes them at their first bytes; nobody listens on DIRECTORY/stale.sock.
"""

import http.server
import os
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time

mode, wants_certificate = sys.argv[1], "--client-certificate" in sys.argv
directory = tempfile.mkdtemp()


def openssl(*arguments):
    subprocess.run(("openssl",) + arguments, cwd=directory, check=True, capture_output=True)


def make_certificates():
    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1")
    for name in ("authority", "stranger"):
        openssl(*new, "-keyout", name + ".key", "-out", name + ".pem", "-subj", "/CN=" + name)
    signed = new + ("-CA", "authority.pem", "-CAkey", "authority.key", "-addext", "basicConstraints=critical,CA:FALSE")
    names = "subjectAltName=DNS:kubernetes.default.svc,IP:127.0.0.1"
    openssl(*signed, "-keyout", "server.key", "-out", "server.pem", "-subj", "/CN=server", "-addext", names)
    openssl(*signed, "-keyout", "client.key", "-out", "client.pem", "-subj", "/CN=client")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = 0

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/hang":
            print("hanging", flush=True)
            threading.Event().wait()
        if self.path == "/count":
            body = str(Handler.count).encode()
        Handler.count += 1
        if self.path in ("/long", "/stalling"):
            body = b"x" * (1 << 20)
        elif self.path not in ("/body", "/count"):
            body = (self.command + " " + self.path).encode()
        redirect = self.path.startswith("/redirect/")
        self.send_response(404 if self.path == "/missing" else int(self.path[-3:]) if redirect else 200)
        if redirect:
            self.send_header("Location", "/elsewhere")
        if self.path == "/headers":
            for number in range(64):
                self.send_header("X-Long-" + str(number), "x" * 1000)
        missing = {"/truncated": 1, "/stalling": 1 << 20}.get(self.path, 0)
        if self.path == "/truncated":
            self.close_connection = True
        self.send_header("Content-Length", str(len(body) + missing))
        self.send_header("X-Echo", self.headers.get("X-Test", ""))
        self.end_headers()
        self.wfile.write(body)
        if self.path == "/stalling":
            threading.Event().wait()

    do_GET = do_POST = do_PATCH = answer

    def log_message(self, *_):
        pass

    def address_string(self):
        return "local"


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 512
    context = None

    def finish_request(self, request, address):
        if self.context:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, address)

    def handle_error(self, *_):
        pass


def serve(name, context):
    server = Server(os.path.join(directory, name), Handler)
    server.context = context
    threading.Thread(target=server.serve_forever, daemon=True).start()


class ClosingHandler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(1)


def serve_closing():
    closing = Server(os.path.join(directory, "closing.sock"), ClosingHandler)
    threading.Thread(target=closing.serve_forever, daemon=True).start()


def wait_until_serving(path):
    """Returns once the server has done a whole TLS handshake; it asks for a certificate only after that."""
    context = ssl.create_default_context(cafile=directory + "/authority.pem")
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(path)
                context.wrap_socket(probe, server_hostname="kubernetes.default.svc").close()
                return
        except (ConnectionError, FileNotFoundError):
            time.sleep(0.02)


def serve_until_end_of_input():
    print("ready " + directory, flush=True)
    sys.stdin.read()


make_certificates()
front = os.path.join(directory, "server.sock")
if mode == "http2":
    if os.fork() == 0:
        serve("backend.sock", None)
        wait_until_serving(front)
        serve_until_end_of_input()
        os.kill(os.getppid(), signal.SIGKILL)
        os._exit(0)
    verify = ["--verify-client", "--verify-client-cacert=" + directory + "/authority.pem"]
    os.execvp("nghttpx", [
        "nghttpx", "--single-process", "--conf=/dev/null", "--errorlog-file=/dev/null", "--no-ocsp",
        "--frontend=unix:" + front, "--backend=unix:" + directory + "/backend.sock",
    ] + (verify if wants_certificate else []) + [directory + "/server.key", directory + "/server.pem"])

context = None
if mode == "http1":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory + "/server.pem", directory + "/server.key")
    if wants_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(directory + "/authority.pem")
serve("server.sock", context)
serve_closing()
socket.socket(socket.AF_UNIX).bind(os.path.join(directory, "stale.sock"))
serve_until_end_of_input()
os._exit(0)
