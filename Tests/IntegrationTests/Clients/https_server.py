"""An HTTPS server that says "ready" and serves until standard input ends."""
import http.server, sys, threading


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


def serve(address, port, handler, tls):
    """Returns at the end of standard input; the handshakes are those of each connection's own thread."""
    handler.log_message = lambda *_: None
    server = Server((address, port), handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()
