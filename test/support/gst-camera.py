"""A camera of another hand: GStreamer's RTSP server, with the fixtures or a test picture.

    gst-camera.py '{"host": "127.0.0.1", "cameras": [{"path": "cam", "video": "h264", "audio": "aac",
                     "file": "/.../front-door.h264", "fps": 15, "user": "u", "password": "p", "auth": "digest"}]}'

video: h264 | h265; without "file" a moving test picture is encoded (x264enc, x265enc), with it the
clip (one slice a picture, no B-frames) is looped.  audio: aac | latm | opus | l16 | pcma | none.  auth: basic | digest.  Prints {"port": N} when it listens;
ends when standard input closes.
"""
import itertools
import json
import re
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

Gst.init(None)
options = json.loads(sys.argv[1])


def pipeline(camera):
    h265 = camera.get("video") == "h265"
    fps = camera.get("fps", 15)
    if "file" in camera:
        caps = f"video/x-{'h265' if h265 else 'h264'},stream-format=byte-stream,alignment=au,framerate={fps}/1"
        parser = "h265parse" if h265 else "h264parse"
        source = f'appsrc name=clip is-live=true format=time block=true max-bytes=1 caps="{caps}" ! {parser}'
    else:
        coder = (
            "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=300 ! h265parse"
            if h265
            else "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=300 ! h264parse"
        )
        source = f"videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate={fps}/1 ! {coder}"
    pay = "rtph265pay" if h265 else "rtph264pay"
    text = f"( {source} ! {pay} name=pay0 pt=96 config-interval={camera.get('configInterval', 1)}"
    audio = camera.get("audio", "none")
    tone = "audiotestsrc is-live=true wave=ticks ! audioconvert ! audioresample"
    if audio == "aac":
        text += f" {tone} ! audio/x-raw,rate=16000,channels=1 ! voaacenc ! aacparse ! rtpmp4gpay name=pay1 pt=97"
    elif audio == "latm":
        text += f" {tone} ! audio/x-raw,rate=16000,channels=1 ! voaacenc ! aacparse ! rtpmp4apay name=pay1 pt=97"
    elif audio == "opus":
        text += f" {tone} ! audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay name=pay1 pt=97"
    elif audio == "l16":
        text += f" {tone} ! audio/x-raw,rate=44100,channels=2 ! rtpL16pay name=pay1 pt=97"
    elif audio == "pcma":
        text += f" {tone} ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8"
    return text + " )"


def access_units(path, h265):
    """The clip's pictures, each with the parameter sets before it."""
    data = open(path, "rb").read()
    starts = [found.start() for found in re.finditer(b"\0\0\1", data)] + [len(data)]
    units, unit = [], b""
    for begin, end in zip(starts, starts[1:]):
        nal = data[begin + 3:end].rstrip(b"\0")
        kind = (nal[0] >> 1) & 63 if h265 else nal[0] & 31
        is_slice = kind < 32 if h265 else 1 <= kind <= 5
        unit += b"\0\0\0\1" + nal
        if is_slice:
            units.append(unit)
            unit = b""
    return units


def feed(camera):
    """Puts the looped clip, with time stamps, into each new pipeline of a factory; the sinks set the pace."""
    units = access_units(camera["file"], camera.get("video") == "h265")
    step = Gst.SECOND // camera.get("fps", 15)

    def configure(_factory, media):
        numbers = itertools.count()

        def push(source, _length):
            number = next(numbers)
            buffer = Gst.Buffer.new_wrapped(units[number % len(units)])
            buffer.pts = buffer.dts = number * step
            buffer.duration = step
            source.emit("push-buffer", buffer)

        media.get_element().get_by_name_recurse_up("clip").connect("need-data", push)

    return configure


def protect(server, camera, factory, auth):
    role = camera["path"]
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(role, "media.factory.access", True)
    permissions.add_permission_for_role(role, "media.factory.construct", True)
    factory.set_permissions(permissions)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", role)
    if camera.get("auth", "digest") == "digest":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(camera["user"], camera["password"], token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(camera["user"], camera["password"]), token)
    server.set_auth(auth)


server = GstRtspServer.RTSPServer()
server.set_address(options.get("host", "127.0.0.1"))
server.set_service("0")
auth = GstRtspServer.RTSPAuth()
for camera in options["cameras"]:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline(camera))
    factory.set_shared(True)
    if "file" in camera:
        factory.connect("media-configure", feed(camera))
    if "user" in camera:
        protect(server, camera, factory, auth)
    server.get_mount_points().add_factory("/" + camera["path"], factory)
server.attach(None)

loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP | GLib.IOCondition.ERR, lambda *_: loop.quit())
print(json.dumps({"port": server.get_bound_port()}), flush=True)
loop.run()
