"""The administrator's TLS identity out of a kubeconfig, and one request with it."""
import base64, http.client, ssl, tempfile


def tls_context(kubeconfig):
    fields = {}
    for line in open(kubeconfig):
        key, _, value = line.strip().partition(": ")
        fields[key] = value
    made = ssl.create_default_context(cadata=base64.b64decode(fields["certificate-authority-data"]).decode())
    with tempfile.NamedTemporaryFile() as pair:
        pair.write(base64.b64decode(fields["client-certificate-data"]) + base64.b64decode(fields["client-key-data"]))
        pair.flush()
        made.load_cert_chain(pair.name)
    made.check_hostname = False
    return made


def request(tls, address, method, path, body=None, timeout=20):
    """The status and the body of an answer; OSError or HTTPException where there is none."""
    connection = http.client.HTTPSConnection(address, 6443, timeout=timeout, context=tls)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
