#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A camera that was recorded, and plays what it said, with mistakes in it or without.

recorded.py record PORT PATH PICTURES FILE   asks the real server at 127.0.0.1:PORT
recorded.py play PORT SEED CALM FILE...      plays FILE; others are what it changes to
recorded.py steady PORT LOG FILE             plays it as it was; LOG has a line for each picture,
                                             its number and when it was sent, by CLOCK_MONOTONIC

All that is sent on the Nth connection follows from SEED, N and the files.  The first two are
without mistakes, and so are all while a file CALM is there.  Says "ready" when it listens, and
for each connection what it does.
"""
import os
import pickle
import random
import re
import socket
import struct
import sys
import threading
import time

SPEED = 3               # times as fast as it was
STEP = 3000             # of a timestamp, from picture to picture: 90 kHz, 30 a second
SSRC = 0x5c212


def read_head(stream):
    lines = []
    while True:
        line = stream.readline()
        if not line:
            raise OSError("closed")
        if not line.strip():
            if lines:
                return lines
            continue
        lines.append(line.decode("latin-1").strip())


def ask(peer, stream, number, method, url, more=""):
    peer.sendall(f"{method} {url} RTSP/1.0\r\nCSeq: {number}\r\n{more}\r\n".encode())
    lines = read_head(stream)
    if " 200 " not in lines[0] + " ":
        raise OSError(lines[0])
    fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    return fields, stream.read(int(fields.get("Content-Length", 0)))


def record(port, path, wanted, to):
    url = f"rtsp://127.0.0.1:{port}/{path}"
    peer = socket.create_connection(("127.0.0.1", int(port)))
    stream = peer.makefile("rb")
    ask(peer, stream, 1, "OPTIONS", url)
    fields, sdp = ask(peer, stream, 2, "DESCRIBE", url, "Accept: application/sdp\r\n")
    base = fields.get("Content-Base", url + "/")
    control = re.findall(r"^a=control:(.*?)\r?$", sdp.decode().split("m=video")[1], re.M)[0]
    control = control if control.startswith("rtsp:") else base.rstrip("/") + "/" + control
    fields, _ = ask(peer, stream, 3, "SETUP", control, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")
    session = "Session: " + fields["Session"].split(";")[0] + "\r\n"
    peer.sendall(f"PLAY {base} RTSP/1.0\r\nCSeq: 4\r\n{session}Range: npt=0.000-\r\n\r\n".encode())
    pictures, stamp = [], None
    while len(pictures) <= int(wanted):
        mark = stream.read(1)
        if mark != b"$":
            read_head(stream)
            continue
        channel, length = struct.unpack(">BH", stream.read(3))
        packet = stream.read(length)
        if channel != 0 or length < 12:
            continue
        if packet[4:8] != stamp:
            stamp = packet[4:8]
            pictures.append([])
        pictures[-1].append(packet)
    # The last one is not whole.  What a server draws by lot is left out.
    sdp = re.sub(rb"^[oabt]=(?!rtpmap|fmtp|framesize).*\r\n", b"", sdp, flags=re.M)
    with open(to, "wb") as file:
        pickle.dump((sdp, pictures[:-1]), file)
    print(f"{len(pictures) - 1} pictures")


def flipped(lot, data, most):
    data = bytearray(data)
    for _ in range(lot.randint(1, most)):
        if data:
            data[lot.randrange(len(data))] ^= 1 << lot.randrange(8)
    return bytes(data)


def framed(packet, channel=0, length=None):
    return b"$" + struct.pack(">BH", channel, min(len(packet), 65535) if length is None else length) + packet[:65535]


# What becomes of a packet: a list of what is sent for it.  The connection lives on.

def as_it_is(lot, packet):
    return [framed(packet)]


def bits(lot, packet):
    if lot.random() < 0.15:
        packet = packet[:12] + flipped(lot, packet[12:], 6)
    return [framed(packet)]


def first_bits(lot, packet):
    """Heads of units, of slices and of parameter sets."""
    if lot.random() < 0.3:
        packet = packet[:12] + flipped(lot, packet[12:28], 3) + packet[28:]
    return [framed(packet)]


def heads(lot, packet):
    if lot.random() < 0.15:
        packet = flipped(lot, packet[:12], 3) + packet[12:]
    return [framed(packet)]


def dropped(lot, packet):
    return [] if lot.random() < 0.05 else [framed(packet)]


def doubled(lot, packet):
    return [framed(packet)] * (lot.randint(2, 4) if lot.random() < 0.1 else 1)


def cut(lot, packet):
    return [framed(packet[:lot.randrange(len(packet))] if lot.random() < 0.1 else packet)]


def longer(lot, packet):
    return [framed(packet + lot.randbytes(lot.choice([1, 100, 60000])) if lot.random() < 0.1 else packet)]


def noise(lot, packet):
    return [framed(packet[:12] + lot.randbytes(len(packet) - 12) if lot.random() < 0.1 else packet)]


def between(lot, packet):
    """Other channels, reports, answers and questions that nobody waits for."""
    more = lot.choice([
        framed(lot.randbytes(lot.randint(0, 300)), lot.randint(1, 255)), framed(b""),
        framed(b"\x80\xc8" + lot.randbytes(26)), b"RTSP/1.0 200 OK\r\nCSeq: 77\r\n\r\n",
        b"RTSP/1.0 503 No\r\nCSeq: 99\r\nContent-Length: 5\r\n\r\nabcde",
        b"SET_PARAMETER rtsp://x RTSP/1.0\r\nCSeq: 5\r\nContent-Length: 3\r\n\r\nabc",
    ])
    return [framed(packet)] + ([more] if lot.random() < 0.1 else [])


ENDURED = [as_it_is, bits, first_bits, heads, dropped, doubled, cut, longer, noise, between]


# What ends a connection sooner or later.

def garbage(lot, data):
    return lot.randbytes(lot.randint(1, 5000))


def lying(lot, data):
    return framed(data[:100], 0, lot.choice([0, 1, 4000, 65535]))


def garbage_head(lot, data):
    return b"RTSP/1.0 " + flipped(lot, b"200 OK\r\nCSeq: 5\r\nContent-Length: 0\r\nSession: 1\r\n\r\n", 10)


def endless_head(lot, data):
    return b"RTSP/1.0 200 OK\r\n" + b"X-Y: " + b"z" * lot.choice([10, 5000, 100000]) + b"\r\n"


def flipped_frames(lot, data):
    return flipped(lot, framed(data), 40)


ENDING = [garbage, lying, garbage_head, endless_head, flipped_frames]


class Player:
    speed = SPEED

    def __init__(self, films, seed, calm):
        self.films, self.seed, self.calm, self.count = films, seed, calm, 0

    def is_calm(self):
        return os.path.exists(self.calm)

    def answer(self, peer, lot, number, mistakes, more="", body=b""):
        head = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode()
        if mistakes and lot.random() < 0.3:
            head = flipped(lot, head, 2)
        if mistakes and body and lot.random() < 0.7:
            body = flipped(lot, body, 8)
        peer.sendall(head + body)

    def until_playing(self, peer, stream, lot, mistakes):
        while True:
            lines = read_head(stream)
            method = lines[0].split()[0]
            number = next(line[6:] for line in lines if line.startswith("CSeq: "))
            more, body = "", b""
            if method == "DESCRIBE":
                more, body = "Content-Type: application/sdp\r\n", self.films[0][0]
            elif method == "SETUP":
                more = "Session: 7;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
            self.answer(peer, lot, number, mistakes, more, body)
            if method == "PLAY":
                return

    def stream(self, peer, lot, plan):
        number, stamp, due = 0, 0, time.monotonic()
        for mutate, many, film in plan:
            pictures = self.films[film][1]
            if mutate in ENDING:
                peer.sendall(mutate(lot, pictures[0][0]))
                continue
            for at in range(many):
                for packet in pictures[at % len(pictures)]:
                    packet = packet[:2] + struct.pack(">HII", number & 0xffff, stamp & 0xffffffff, SSRC) + packet[12:]
                    number += 1
                    for data in mutate(lot, packet):
                        peer.sendall(data)
                self.sent(at % len(pictures))
                stamp += STEP
                due += 1 / (30 * self.speed)
                time.sleep(max(0, due - time.monotonic()))

    def plan(self, lot, number, said):
        """(mutation, pictures, film) to stream, without end where it ends by what is sent."""
        if number < 2:
            yield as_it_is, 60, 0
            return
        while self.is_calm():
            yield as_it_is, 30, 0
        for _ in range(lot.randint(6, 20)):
            mutate, film = lot.choice(ENDURED), lot.randrange(len(self.films)) if lot.random() < 0.3 else 0
            said.append(mutate.__name__ + (f"/{film}" if film else ""))
            yield mutate, lot.randint(20, 90), film
            # Something that can be shown, now and then.
            if lot.random() < 0.5:
                yield as_it_is, 30, 0
            if self.is_calm():
                return
        while not self.is_calm():
            mutate = lot.choice(ENDING)
            said.append(mutate.__name__)
            yield mutate, 1, 0
            yield bits, 20, 0

    def connection(self, peer, number):
        lot = random.Random(f"{self.seed}:{number}")
        mistakes = number >= 2 and lot.random() < 0.15 and not self.is_calm()
        said = ["words"] if mistakes else []
        try:
            with peer, peer.makefile("rb") as stream:
                self.until_playing(peer, stream, lot, mistakes)
                # What it says from now on is of no interest.
                threading.Thread(target=self.drain, args=(peer,), daemon=True).start()
                self.stream(peer, lot, self.plan(lot, number, said))
                peer.shutdown(socket.SHUT_RDWR)
        except (OSError, StopIteration, IndexError):
            pass
        print(f"connection {number}: {' '.join(said)}", flush=True)

    def sent(self, picture):
        """It is with the kernel."""

    def drain(self, peer):
        try:
            while peer.recv(4096):
                pass
        except OSError:
            pass

    def serve(self, port):
        listener = socket.create_server(("127.0.0.1", port))
        print(f"ready, seed {self.seed}", flush=True)
        while True:
            peer = listener.accept()[0]
            threading.Thread(target=self.connection, args=(peer, self.count), daemon=True).start()
            self.count += 1


class Steady(Player):
    speed = 1

    def __init__(self, films, log):
        super().__init__(films, 0, "")
        self.log = open(log, "w", buffering=1)

    def plan(self, lot, number, said):
        while True:
            yield as_it_is, len(self.films[0][1]), 0

    def is_calm(self):
        return True

    def sent(self, picture):
        print(picture, f"{time.monotonic():.6f}", file=self.log)


def load(path):
    with open(path, "rb") as file:
        return pickle.load(file)


if sys.argv[1] == "record":
    record(*sys.argv[2:6])
elif sys.argv[1] == "steady":
    Steady([load(sys.argv[4])], sys.argv[3]).serve(int(sys.argv[2]))
else:
    port, seed, calm = sys.argv[2:5]
    Player([load(path) for path in sys.argv[5:]], seed, calm).serve(int(port))
