"""Names and pages as programs ask for them: the plant's resolver, then TLS with the name that was meant."""

import socket
import ssl

from dnslib import QTYPE, DNSRecord

anybody = ssl.create_default_context()
anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE


def resolve(name, resolver, timeout=0.5):
    """Its IPv4 address, or None."""
    answer = DNSRecord.parse(DNSRecord.question(name).send(resolver, 53, timeout=timeout))
    return next((str(row.rdata) for row in answer.rr if row.rtype == QTYPE.A), None)


def fetch(name, address, path="/", body=b"", timeout=1.0):
    """One request over TLS, as bytes; with a body it is a POST."""
    with socket.create_connection((address, 443), timeout) as plain, anybody.wrap_socket(plain, server_hostname=name) as line:
        line.sendall(f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: {name}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                     .encode() + body)
        said = b""
        while piece := line.recv(4096):
            said += piece
        return said
