"""A network of one's own, in which production names lead to this machine's loopback and port 443 is free."""
import ctypes
import fcntl
import os
import pathlib
import socket
import struct
import tempfile

NAMES = ["login.microsoftonline.com", "contoso-kv.vault.azure.net", "main.iam.ad.ext.azure.com", "management.azure.com", "graph.microsoft.com"]

_NEWNS, _NEWUSER, _NEWNET = 0x00020000, 0x10000000, 0x40000000
_REC, _PRIVATE, _BIND = 0x4000, 1 << 18, 0x1000
_libc = ctypes.CDLL(None, use_errno=True)
_entered = False


def _call(what, result):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"this machine cannot make a network namespace ({what}: {os.strerror(ctypes.get_errno())}); "
                                          "run the test as root, or where unprivileged user namespaces are allowed")


def enter(names=NAMES, elsewhere={}):
    """Moves this process, once and for good. `elsewhere`: more names, and their addresses on the loopback. A machine that cannot do it fails the test: it is not skipped."""
    global _entered
    if _entered:
        return
    user, group = os.geteuid(), os.getegid()
    if _libc.unshare(_NEWNS | _NEWNET) != 0:
        _call("unshare", _libc.unshare(_NEWUSER | _NEWNS | _NEWNET))
        pathlib.Path("/proc/self/setgroups").write_text("deny")
        pathlib.Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        pathlib.Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    _call("mount", _libc.mount(b"none", b"/", None, _REC | _PRIVATE, None))
    with tempfile.NamedTemporaryFile("w", suffix=".hosts") as hosts:
        hosts.write("127.0.0.1 localhost\n" + "".join(f"127.0.0.1 {name}\n" for name in names) +
                    "".join(f"{address} {name}\n" for name, address in elsewhere.items()))
        hosts.flush()
        os.chmod(hosts.name, 0o644)
        _call("bind", _libc.mount(hosts.name.encode(), b"/etc/hosts", None, _BIND, None))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:  # ip link set lo up
        SIOCSIFFLAGS, IFF_UP = 0x8914, 1
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP))
    _entered = True
