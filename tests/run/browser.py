#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# browser.py FOLDER COUNT SECONDS BROWSER...: a page that asks for the camera, draws what it gets
# into a canvas, and sends COUNT pictures of that back here, into FOLDER.  The browser gets the
# page's address as its last argument; it has to be in its own sandbox when the pictures come.
import glob
import http.server
import os
import re
import signal
import subprocess
import sys
import threading

PAGE = b"""<!doctype html><canvas id=c width=640 height=480></canvas><script>
const canvas = document.getElementById("c"), video = document.createElement("video");
const wait = ms => new Promise(done => setTimeout(done, ms));
async function go() {
    video.srcObject = await navigator.mediaDevices.getUserMedia({video: {width: 640, height: 480}});
    await video.play();
    const label = video.srcObject.getVideoTracks()[0].label;
    for (;;) {
        await wait(100);
        canvas.getContext("2d").drawImage(video, 0, 0, 640, 480);
        const picture = await new Promise(done => canvas.toBlob(done, "image/jpeg", 0.95));
        await fetch("/picture?" + encodeURIComponent(label), {method: "POST", body: picture});
    }
}
go().catch(e => fetch("/failed", {method: "POST", body: String(e)}));
</script>"""


class Page(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(PAGE)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/failed":
            self.server.why = body.decode()
            self.server.done.set()
        elif self.server.got < self.server.count:
            self.server.got += 1
            self.server.label = self.path
            with open("%s/%03d.jpg" % (self.server.folder, self.server.got), "wb") as file:
                file.write(body)
        if self.server.got == self.server.count:
            self.server.done.set()
        self.answer(b"")

    def log_message(self, *args):
        pass


def status(path, key):
    try:
        with open(path) as file:
            found = re.search(r"^%s:\s*(.*)$" % key, file.read(), re.M)
        return found.group(1) if found else ""
    except OSError:
        return ""


# Renderers that have a filter more than scrim run gave them, in a namespace of processes.
def sandboxed():
    found = 0
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                line = file.read()
        except OSError:
            continue
        state = os.path.dirname(path) + "/status"
        if b"--type=renderer" in line and status(state, "Uid").split()[:1] == [str(os.getuid())]:
            found += int(status(state, "Seccomp_filters") or 0) >= 2 and len(status(state, "NSpid").split()) >= 2
    return found


def main():
    folder, count, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.folder, server.count, server.got, server.why, server.label = folder, count, 0, "", ""
    server.done = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser = subprocess.Popen(sys.argv[4:] + ["http://127.0.0.1:%d/" % server.server_port],
                               start_new_session=True)
    server.done.wait(seconds)
    inside = sandboxed()
    os.killpg(browser.pid, signal.SIGTERM)
    try:
        browser.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(browser.pid, signal.SIGKILL)
    print("%d pictures of %s, %d renderers in a sandbox %s" % (server.got, server.label, inside, server.why))
    return not (server.got == count and inside)


sys.exit(main())
