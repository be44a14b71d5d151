#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""half.py FILE: of raw pictures, YU12 320x180, each has its left half black, and 21 at least
something in the right one.  Two columns at the seam may be of either."""
import sys

WIDTH, HEIGHT = 320, 180
with open(sys.argv[1], "rb") as file:
    data = file.read()
live, size = 0, WIDTH * HEIGHT * 3 // 2
for at in range(0, len(data), size):
    rows = [data[at + y * WIDTH:at + (y + 1) * WIDTH] for y in range(HEIGHT)]
    if any(set(row[:WIDTH // 2 - 2]) - {0, 16} for row in rows):
        sys.exit("a picture shows its left half")
    live += any(len(set(row[WIDTH // 2:])) > 9 for row in rows)
if live <= 20:
    sys.exit(f"{live} pictures show something")
