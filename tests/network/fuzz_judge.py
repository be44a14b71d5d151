#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""fuzz_judge.py FILE: reads pictures, YU12 320x180, to their end, and writes what they were to FILE
each second: "pictures live bare", live with something in the right half, bare with a trace of the
white left one.  The two columns at the seam may be of either."""
import os
import sys
import time

WIDTH, HEIGHT = 320, 180
HALF, SIZE = WIDTH // 2, WIDTH * HEIGHT * 3 // 2
LUMA = WIDTH * HEIGHT
BLACK = [bytes([level]) * (HALF - 2) for level in (0, 16)]
GREY = b"\x80" * (HALF // 2 - 1)

pictures = live = bare = 0
written = 0.0


def write():
    with open(sys.argv[1] + ".new", "w") as file:
        print(pictures, live, bare, file=file)
    os.rename(sys.argv[1] + ".new", sys.argv[1])


while len(data := sys.stdin.buffer.read(SIZE)) == SIZE:
    luma = [data[at:at + WIDTH] for at in range(0, LUMA, WIDTH)]
    chroma = [data[at:at + HALF] for at in range(LUMA, SIZE, HALF)]
    pictures += 1
    live += any(len(set(row[HALF:])) > 9 for row in luma[::10])
    bare += any(row[:HALF - 2] not in BLACK for row in luma) or any(row[:HALF // 2 - 1] != GREY for row in chroma)
    if time.monotonic() - written > 1:
        write()
        written = time.monotonic()
write()
