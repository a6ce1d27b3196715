"""Drops files on a window as a file manager does: the source of the XDND protocol, version 5, with Xlib.
https://www.freedesktop.org/wiki/Specifications/XDND"""
import ctypes
import time
import urllib.parse

CLIENT_MESSAGE, SELECTION_REQUEST, SELECTION_NOTIFY = 33, 30, 31
PROPERTY_REPLACE = 0
Long = ctypes.c_long


class Event(ctypes.Structure):
    """XEvent as 24 longs: on 64-bit machines, every member of the structures in this union takes one long."""
    _fields_ = [("longs", Long * 24)]

    @property
    def type(self):
        return self.longs[0] & 0xFFFFFFFF


def library():
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XOpenDisplay.argtypes = [ctypes.c_char_p]
    x.XDefaultRootWindow.restype = ctypes.c_ulong
    x.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
    x.XCreateSimpleWindow.restype = ctypes.c_ulong
    x.XCreateSimpleWindow.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_int] + [ctypes.c_uint] * 3 + [ctypes.c_ulong] * 2
    x.XInternAtom.restype = ctypes.c_ulong
    x.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x.XSetSelectionOwner.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong]
    x.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, Long, ctypes.POINTER(Event)]
    x.XChangeProperty.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    for name in ("XPending", "XFlush", "XCloseDisplay"):
        getattr(x, name).argtypes = [ctypes.c_void_p]
    x.XNextEvent.argtypes = [ctypes.c_void_p, ctypes.POINTER(Event)]
    return x


class Source:
    """The window that files are dragged from."""

    def __init__(self, display, target):
        self.x, self.target = library(), target
        self.display = self.x.XOpenDisplay(display.encode())
        assert self.display, f"no X server at {display}"
        self.window = self.x.XCreateSimpleWindow(self.display, self.x.XDefaultRootWindow(self.display), 0, 0, 1, 1, 0, 0, 0)

    def atom(self, name):
        return self.x.XInternAtom(self.display, name.encode(), 0)

    def tell(self, message, *data):
        """Sends a message of the protocol to the target; its first datum is always the source window."""
        event = Event()
        event.longs[0], event.longs[4], event.longs[5], event.longs[6] = CLIENT_MESSAGE, self.target, self.atom(message), 32
        for i, datum in enumerate((self.window, *data)):
            event.longs[7 + i] = datum
        self.x.XSendEvent(self.display, self.target, 0, 0, ctypes.byref(event))
        self.x.XFlush(self.display)

    def answer(self, request, data):
        """Answers a request for the selection with `data`."""
        requestor, selection, target, place, when = (request.longs[i] for i in range(5, 10))
        self.x.XChangeProperty(self.display, requestor, place, target, 8, PROPERTY_REPLACE, data, len(data))
        event = Event()
        event.longs[0] = SELECTION_NOTIFY
        for i, value in enumerate((requestor, selection, target, place, when)):
            event.longs[4 + i] = value
        self.x.XSendEvent(self.display, requestor, 0, 0, ctypes.byref(event))
        self.x.XFlush(self.display)

    def wait_for(self, message, data, seconds=40):
        wanted, end = self.atom(message), time.monotonic() + seconds
        while time.monotonic() < end:
            while self.x.XPending(self.display):
                event = Event()
                self.x.XNextEvent(self.display, ctypes.byref(event))
                if event.type == SELECTION_REQUEST:
                    self.answer(event, data)
                if event.type == CLIENT_MESSAGE and event.longs[5] == wanted:
                    return event
            time.sleep(0.01)
        raise AssertionError(f"the window never sent {message}")


def drop(window, paths, x, y):
    """Drops the files on `window`, a driver.Window, at the point (x, y) of the screen."""
    found = window.number()
    source = Source(window.environment["DISPLAY"], found)
    data = "".join(f"file://{urllib.parse.quote(path)}\r\n" for path in paths).encode()
    source.x.XSetSelectionOwner(source.display, source.atom("XdndSelection"), source.window, 0)
    source.tell("XdndEnter", 5 << 24, source.atom("text/uri-list"))
    source.tell("XdndPosition", 0, x << 16 | y, 0, source.atom("XdndActionCopy"))
    status = source.wait_for("XdndStatus", data)
    assert status.longs[8] & 1, "the window does not take files"
    source.tell("XdndDrop", 0, 0)
    source.wait_for("XdndFinished", data)
    source.x.XCloseDisplay(source.display)
