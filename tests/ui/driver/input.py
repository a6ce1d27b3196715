"""Keys and mouse of an X server, with its XTEST extension: a call takes microseconds, while starting xdotool takes 10 ms.
https://www.x.org/releases/X11R7.7/doc/libXtst/xtestlib.html"""
import ctypes
import time

Display, Int, Ulong = ctypes.c_void_p, ctypes.c_int, ctypes.c_ulong
# Keysyms of short names of modifiers, and of characters.
MODIFIERS = {"ctrl": "Control_L", "shift": "Shift_L", "alt": "Alt_L"}
CHARACTERS = {"/": "slash", "-": "minus", ".": "period", "_": "underscore", " ": "space"}


def declare(function, result, *arguments):
    function.restype, function.argtypes = result, arguments
    return function


class Input:
    def __init__(self, display):
        x, test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self.display = declare(x.XOpenDisplay, Display, ctypes.c_char_p)(display.encode())
        assert self.display, f"no X server at {display}"
        self.flush = declare(x.XFlush, Int, Display)
        self.close_display = declare(x.XCloseDisplay, Int, Display)
        self.keysym = declare(x.XStringToKeysym, Ulong, ctypes.c_char_p)
        self.keycode = declare(x.XKeysymToKeycode, ctypes.c_ubyte, Display, Ulong)
        self.symbol = declare(x.XkbKeycodeToKeysym, Ulong, Display, ctypes.c_ubyte, ctypes.c_uint, ctypes.c_uint)
        self.fake_key = declare(test.XTestFakeKeyEvent, Int, Display, ctypes.c_uint, Int, Ulong)
        self.fake_button = declare(test.XTestFakeButtonEvent, Int, Display, ctypes.c_uint, Int, Ulong)
        self.fake_motion = declare(test.XTestFakeMotionEvent, Int, Display, Int, Int, Int, Ulong)
        self.fake_nudge = declare(test.XTestFakeRelativeMotionEvent, Int, Display, Int, Int, Ulong)

    def send(self, function, *arguments):
        function(self.display, *arguments, 0)
        self.flush(self.display)

    def move(self, x, y):
        """Moves the mouse to a pixel of the screen."""
        self.send(self.fake_motion, -1, x, y)

    def nudge(self, dx, dy):
        """Moves the mouse by (dx, dy) pixels."""
        self.send(self.fake_nudge, dx, dy)

    def button(self, number, down):
        self.send(self.fake_button, number, down)

    def double_click(self):
        """Double-clicks. The clicks are far enough apart that different frames see them, and within the 0.45 s of a double click."""
        for down in (True, False, True):
            self.button(1, down)
            time.sleep(0.09)
        self.button(1, False)

    def key(self, name, down):
        """Presses or releases a key or a combination such as "ctrl+shift+e". "slash" and "/" are the same key."""
        codes = []
        for part in name.split("+"):
            part = CHARACTERS.get(part, MODIFIERS.get(part, part))
            keysym = self.keysym(part.encode())
            code = self.keycode(self.display, keysym)
            assert code, f"the keyboard has no key {part!r}"
            if self.symbol(self.display, code, 0, 0) != keysym:
                codes.append(self.keycode(self.display, self.keysym(b"Shift_L")))
            codes.append(code)
        for code in codes if down else reversed(codes):
            self.send(self.fake_key, code, down)

    def close(self):
        """Closes the connection. Call it before the X server ends, because Xlib ends a process that loses its server."""
        if self.display:
            self.close_display(self.display)
        self.display = None
