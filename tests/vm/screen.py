#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""screen.py SOCKET FOLDER: pictures of what the guest's monitor shows, as long as QEMU runs.

For a file NAME.want in the folder QEMU is asked, by QMP, for a picture of its screen, once;
NAME.ppm is there when it is whole.  The guest's files are left alone: it may not be done with
making them.
"""
import glob
import json
import os
import socket
import sys
import time


def connect(path):
    for _ in range(300):
        qmp = socket.socket(socket.AF_UNIX)
        try:
            qmp.connect(path)
            return qmp.makefile("rw")
        except OSError:
            qmp.close()
            time.sleep(0.1)
    sys.exit("screen.py: no QEMU at " + path)


def ask(qmp, command, **arguments):
    qmp.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    qmp.flush()
    for line in qmp:
        answer = json.loads(line)
        if "error" in answer:
            sys.exit("screen.py: " + answer["error"]["desc"])
        if "return" in answer:
            return
    sys.exit(0)


def main(path, folder):
    qmp = connect(path)
    qmp.readline()
    ask(qmp, "qmp_capabilities")
    done = set()
    while True:
        for want in set(glob.glob(folder + "/*.want")) - done:
            done.add(want)
            name = want[:-len(".want")]
            ask(qmp, "screendump", filename=name + ".part")
            os.chmod(name + ".part", 0o644)
            os.rename(name + ".part", name + ".ppm")
        ask(qmp, "query-status")
        time.sleep(0.05)


try:
    main(*sys.argv[1:])
except OSError:
    pass  # QEMU has ended
