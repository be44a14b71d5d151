#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A network camera: server.py rtsp|http PORT FILE [USER:PASSWORD [basic|digest]]

rtsp plays an MP4 of H.264 or HEVC by GStreamer's server, as often as somebody asks.
http plays JPEG pictures (FILE.mjpg, ten a second, for ever) or a transport stream (FILE.ts).
Says "ready" when it listens on 127.0.0.1:PORT.
"""
import base64
import http.server
import sys
import time

kind, port, path = sys.argv[1:4]
user, password = (sys.argv[4].split(":") if len(sys.argv) > 4 else (None, None))
scheme = sys.argv[5] if len(sys.argv) > 5 else "digest"


def rtsp():
    import gi
    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    pay = "rtph265pay" if "265" in path else "rtph264pay"
    factory.set_launch(f"( filesrc location={path} ! qtdemux ! {pay} name=pay0 pt=96 config-interval=-1 )")
    if user:
        auth = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        if scheme == "basic":
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
        else:
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(user, password, token)
        server.set_auth(auth)
        factory.add_role_from_structure(Gst.Structure.from_string(
            "viewer, media.factory.access=true, media.factory.construct=true")[0])
    server.get_mount_points().add_factory("/cam", factory)
    server.attach(None)
    print("ready", flush=True)
    GLib.MainLoop().run()


class Camera(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def refused(self):
        want = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        if not user or self.headers.get("Authorization") == want:
            return False
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="camera"')
        self.end_headers()
        return True

    def pictures(self, data):
        parts = [b"\xff\xd8" + part for part in data.split(b"\xff\xd8\xff")[1:]]
        parts = [part[:2] + b"\xff" + part[2:] for part in parts]
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        self.end_headers()
        while True:
            for part in parts:
                self.wfile.write(b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(part))
                self.wfile.write(part + b"\r\n")
                time.sleep(0.1)

    def transport(self, data):
        self.send_header("Content-Type", "video/mp2t")
        self.end_headers()
        for at in range(0, len(data), 18800):
            self.wfile.write(data[at:at + 18800])
            time.sleep(0.05)

    def do_GET(self):
        if self.refused():
            return
        self.send_response(200)
        with open(path, "rb") as file:
            data = file.read()
        try:
            (self.transport if path.endswith(".ts") else self.pictures)(data)
        except OSError:
            pass


if kind == "rtsp":
    rtsp()
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Camera)
print("ready", flush=True)
server.serve_forever()
