"""An nbdkit disk with a volatile write cache that a test can lose.

Writes stay in memory until FLUSH (or FUA) and are then put into the image file.  Through a control
socket a test cuts the power: a random part of what was not flushed reaches the image, in 4096-byte
sectors that are whole, and the rest is gone; from then on every request fails with EIO.

Parameters: image=FILE control=SOCKET
Control lines: "cut SEED" -> "ok KEPT LOST", "stat" -> "ok PENDING FLUSHES", "revive" -> "ok".
"""
import errno
import os
import random
import socket
import threading

import nbdkit

API_VERSION = 2
SECTOR = 4096
settings = {}
state = {"pending": {}, "dead": False, "flushes": 0, "fd": -1}
lock = threading.Lock()


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def config(key, value):
    settings[key] = value


def config_complete():
    if "image" not in settings or "control" not in settings:
        raise RuntimeError("image and control are needed")


def after_fork():
    state["fd"] = os.open(settings["image"], os.O_RDWR)
    server = socket.socket(socket.AF_UNIX)
    server.bind(settings["control"])
    server.listen()
    threading.Thread(target=serve, args=(server,), daemon=True).start()


def serve(server):
    while True:
        peer, _ = server.accept()
        with peer, peer.makefile("rw") as lines:
            for line in lines:
                lines.write(obey(line.split()) + "\n")
                lines.flush()


def obey(words):
    with lock:
        if words[0] == "cut":
            chance = random.Random(int(words[1]))
            kept = lost = 0
            share = chance.random()
            for number in sorted(state["pending"]):
                if chance.random() < share:
                    os.pwrite(state["fd"], state["pending"][number], number * SECTOR)
                    kept += 1
                else:
                    lost += 1
            state["pending"].clear()
            state["dead"] = True
            return f"ok {kept} {lost}"
        if words[0] == "stat":
            return f"ok {len(state['pending'])} {state['flushes']}"
        if words[0] == "revive":
            state["dead"] = False
            return "ok"
    return "what"


def fail_if_dead():
    if state["dead"]:
        nbdkit.set_error(errno.EIO)
        raise RuntimeError("no power")


def open(readonly):  # noqa: A001 - the name that nbdkit calls
    return 1


def get_size(handle):
    return os.fstat(state["fd"]).st_size


def can_flush(handle):
    return True


def can_fua(handle):
    return nbdkit.FUA_NATIVE


def block_size(handle):
    return (1, SECTOR, 1 << 20)


def sector(number):
    data = state["pending"].get(number)
    return data if data is not None else os.pread(state["fd"], SECTOR, number * SECTOR).ljust(SECTOR, b"\0")


def pread(handle, buffer, offset, flags):
    with lock:
        fail_if_dead()
        first, last = offset // SECTOR, (offset + len(buffer) - 1) // SECTOR
        if any(number in state["pending"] for number in range(first, last + 1)):
            data = b"".join(sector(number) for number in range(first, last + 1))
            begin = offset - first * SECTOR
            buffer[:] = data[begin:begin + len(buffer)]
        else:
            data = os.pread(state["fd"], len(buffer), offset)
            buffer[:] = data.ljust(len(buffer), b"\0")


def pwrite(handle, buffer, offset, flags):
    with lock:
        fail_if_dead()
        data, at = bytes(buffer), 0
        while at < len(data):
            number, begin = divmod(offset + at, SECTOR)
            count = min(SECTOR - begin, len(data) - at)
            piece = data[at:at + count]
            if count < SECTOR:
                old = sector(number)
                piece = old[:begin] + piece + old[begin + count:]
            state["pending"][number] = piece
            at += count
        if flags & nbdkit.FLAG_FUA:
            store()


def flush(handle, flags):
    with lock:
        fail_if_dead()
        store()


def store():
    for number, data in state["pending"].items():
        os.pwrite(state["fd"], data, number * SECTOR)
    state["pending"].clear()
    state["flushes"] += 1
