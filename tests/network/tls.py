#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""TLS in front of a server: tls.py PORT TARGET CERT KEY [1.1|1.2|1.3]

Connections to 127.0.0.1:PORT are passed to 127.0.0.1:TARGET.  Says "ready", and for each
connection by which version it was, or why it was none, and how many bytes the caller has sent.
"""
import socket
import ssl
import sys
import threading

port, target, cert, key = sys.argv[1:5]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
if len(sys.argv) > 5:
    only = getattr(ssl.TLSVersion, "TLSv" + sys.argv[5].replace(".", "_"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = only


def pass_on(source, sink, count):
    try:
        while data := source.recv(65536):
            count[0] += len(data)
            sink.sendall(data)
    except OSError:
        pass
    for end in source, sink:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(raw):
    sent = [0]
    try:
        peer = context.wrap_socket(raw, server_side=True)
        server = socket.create_connection(("127.0.0.1", int(target)))
    except OSError as error:
        print("none:", error, flush=True)
        raw.close()
        return
    print(peer.version(), flush=True)
    back = threading.Thread(target=pass_on, args=(server, peer, [0]), daemon=True)
    back.start()
    pass_on(peer, server, sent)
    back.join()
    print(sent[0], "bytes", flush=True)


listener = socket.create_server(("127.0.0.1", int(port)))
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
