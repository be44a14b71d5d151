#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Cameras that mean harm: hostile.py PORT [tls CERT KEY]

Each is at a port of its own, from PORT on, in the order in which they are printed, after
"ready".  Those whose name begins with "http" are asked by HTTP.  With tls they are those that are
asked over TLS; they do harm before there is any, and over it where their name says so.
"""
import os
import random
import socket
import ssl
import sys
import threading
import time

SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n"


def answer(number, body=b"", more=b"", length=None):
    size = len(body) if length is None else length
    return b"RTSP/1.0 200 OK\r\nCSeq: %d\r\nContent-Length: %d\r\n%s\r\n" % (number, size, more) + body


def request(peer):
    data = b""
    while b"\r\n\r\n" not in data:
        got = peer.recv(4096)
        if not got:
            raise OSError
        data += got


def until_playing(peer, sdp=SDP):
    for number, reply in enumerate([answer(1), answer(2, sdp),
                                    answer(3, more=b"Session: 1\r\nTransport: x;interleaved=0-1\r\n"),
                                    answer(4)]):
        request(peer)
        peer.sendall(reply)


def flood(peer, bytes):
    while True:
        peer.sendall(bytes)


def silence(peer):
    time.sleep(3600)


def garbage(peer):
    flood(peer, os.urandom(65536))


def headers(peer):
    request(peer)
    peer.sendall(b"RTSP/1.0 200 OK\r\n")
    flood(peer, b"X-Header: " + b"y" * 1000 + b"\r\n")


def line(peer):
    flood(peer, b"R" * 65536)


def drip(peer):
    for byte in answer(1, more=b"X-Slow: " + b"z" * 100000):
        peer.sendall(bytes([byte]))
        time.sleep(0.05)


def huge(peer):
    request(peer)
    peer.sendall(answer(1, length=4294967295))
    flood(peer, b"x" * 65536)


def negative(peer):
    request(peer)
    peer.sendall(answer(1, length=-1))
    silence(peer)


def lying(peer):
    until_playing(peer)
    flood(peer, b"$\x00\xff\xff" + b"\x00" * 100 + b"$\x00\x00\x02x")


def packets(peer):
    until_playing(peer)
    flood(peer, b"".join(b"$\x00\x04\x00\x80\x60" + os.urandom(1022) for _ in range(50)))


def other_packets(peer):
    request(peer)
    flood(peer, b"$\x07\xff\xff" + b"\x00" * 65535)


def description(peer):
    request(peer)
    peer.sendall(answer(1))
    request(peer)
    peer.sendall(answer(2, SDP + b"a=fmtp:96 x\r\n" * 4900))
    silence(peer)


def elsewhere(peer):
    request(peer)
    peer.sendall(b"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:1/\r\n\r\n")
    silence(peer)


def hangs_up(peer):
    pass


def http_headers(peer, kind=b"multipart/x-mixed-replace; boundary=next"):
    request(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n\r\n")


def http_huge(peer):
    http_headers(peer)
    peer.sendall(b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: 2147483647\r\n\r\n")
    flood(peer, b"\xff\xd8" + b"\x00" * 65534)


def http_endless(peer):
    http_headers(peer)
    peer.sendall(b"--next\r\nContent-Type: image/jpeg\r\n\r\n")
    flood(peer, b"\xff\xd8" + b"\x00" * 65534)


def http_negative(peer):
    http_headers(peer)
    peer.sendall(b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: -2147483648\r\n\r\n")
    flood(peer, b"\xff\xd8" + b"\x00" * 65534)


def http_transport(peer):
    http_headers(peer, b"video/mp2t")
    flood(peer, b"\x47" + os.urandom(187))


def http_elsewhere(peer):
    request(peer)
    peer.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")


def record(kind, body):
    return bytes([kind]) + b"\x03\x03" + len(body).to_bytes(2, "big") + body


def plain_words(peer):
    flood(peer, answer(1))


def alerts(peer):
    flood(peer, record(21, b"\x01\x5a") * 1000)


def empty_records(peer):
    flood(peer, record(22, b"") * 1000)


def slow_hello(peer):
    for byte in record(22, b"\x02\x00\x40\x00" + b"\x03\x03" + os.urandom(16000)):
        peer.sendall(bytes([byte]))
        time.sleep(0.05)


def endless_hello(peer):
    peer.sendall(record(22, b"\x02\xff\xff\xff" + os.urandom(16000)))
    flood(peer, record(22, os.urandom(16000)))


def broken_hello(peer):
    """Of a real one, with some bits flipped."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    real = server_side.wrap_bio(incoming, outgoing, server_side=True)
    while True:
        incoming.write(peer.recv(65536) or b"")
        try:
            real.do_handshake()
        except ssl.SSLWantReadError:
            pass
        data = bytearray(outgoing.read())
        for _ in range(3):
            if len(data) > 60:
                data[random.randrange(60, len(data))] ^= 1 << random.randrange(8)
        peer.sendall(data)


def over_tls(what):
    def within(peer):
        what(server_side.wrap_socket(peer, server_side=True))
    within.__name__ = "over_tls_" + what.__name__
    return within


def cut_off(peer):
    until_playing(peer)
    peer.sendall(b"$\x00\x04\x00")
    peer.close()


ALL = [silence, garbage, headers, line, drip, huge, negative, lying, packets, other_packets,
       description, elsewhere, hangs_up, http_huge, http_endless, http_negative, http_transport,
       http_elsewhere]


def one(peer, what):
    try:
        what(peer)
    except OSError:
        pass
    peer.close()


def serve(listener, what):
    while True:
        peer = listener.accept()[0]
        threading.Thread(target=one, args=(peer, what), daemon=True).start()


first = int(sys.argv[1])
if len(sys.argv) > 2:
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(sys.argv[3], sys.argv[4])
    ALL = [silence, garbage, drip, hangs_up, plain_words, alerts, empty_records, slow_hello, endless_hello,
           broken_hello, *map(over_tls, [silence, garbage, headers, drip, huge, lying, packets, cut_off])]
for i, what in enumerate(ALL):
    listener = socket.create_server(("127.0.0.1", first + i))
    threading.Thread(target=serve, args=(listener, what), daemon=True).start()
print("ready", *(what.__name__ for what in ALL), flush=True)
time.sleep(3600)
