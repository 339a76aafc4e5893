"""What a person does to windows on a display without a window manager: asks one to close, and types.

    screen.py names                 prints the name of each window that is shown; NAME is a part of one
    screen.py close NAME            what the cross in a window's frame does
    screen.py type NAME KEY...      gives a window the keyboard, and presses keys by their X names
    screen.py middle NAME           clicks the middle one of the buttons along a window's lower edge
"""

import ctypes
import sys
import time

x = ctypes.CDLL("libX11.so.6")
xtest = ctypes.CDLL("libXtst.so.6")
Window = ctypes.c_ulong


class Attributes(ctypes.Structure):
    _fields_ = [
        ("place", ctypes.c_int * 5),
        ("visual", ctypes.c_void_p),
        ("root", Window),
        ("kind", ctypes.c_int * 4),
        ("planes", ctypes.c_ulong * 2),
        ("save_under", ctypes.c_int),
        ("colormap", ctypes.c_ulong),
        ("map_installed", ctypes.c_int),
        ("map_state", ctypes.c_int),
        ("rest", ctypes.c_byte * 128),
    ]


class Message(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", Window),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_byte * 128),
    ]


x.XOpenDisplay.restype = ctypes.c_void_p
x.XDefaultRootWindow.restype = Window
x.XInternAtom.restype = ctypes.c_ulong
x.XStringToKeysym.restype = ctypes.c_ulong
display = ctypes.c_void_p(x.XOpenDisplay(None))
if not display.value:
    sys.exit("no display")
# A window may go while it is asked about.
ignore = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: 0)
x.XSetErrorHandler(ignore)


def atom(name):
    return x.XInternAtom(display, name.encode(), 0)


def text(window, kind):
    actual, fmt, count, left = ctypes.c_ulong(), ctypes.c_int(), ctypes.c_ulong(), ctypes.c_ulong()
    data = ctypes.c_char_p()
    x.XGetWindowProperty(display, Window(window), ctypes.c_ulong(atom(kind)), ctypes.c_long(0), ctypes.c_long(256), 0,
                         ctypes.c_ulong(0), ctypes.byref(actual), ctypes.byref(fmt), ctypes.byref(count),
                         ctypes.byref(left), ctypes.byref(data))
    return (data.value or b"").decode("utf-8", "replace")


def shown():
    root, parent, count = Window(), Window(), ctypes.c_uint()
    children = ctypes.POINTER(Window)()
    x.XQueryTree(display, Window(x.XDefaultRootWindow(display)), ctypes.byref(root), ctypes.byref(parent),
                 ctypes.byref(children), ctypes.byref(count))
    for window in children[: count.value]:
        about = Attributes()
        if x.XGetWindowAttributes(display, Window(window), ctypes.byref(about)) and about.map_state == 2:
            name = text(window, "_NET_WM_NAME") or text(window, "WM_NAME")
            if name:
                yield window, name


def named(wanted):
    for window, name in shown():
        if wanted in name:
            return window
    sys.exit(f"no window has {wanted} in its name; shown are {[name for _, name in shown()]}")


def place(window):
    about = Attributes()
    x.XGetWindowAttributes(display, Window(window), ctypes.byref(about))
    return list(about.place)[:4]


def press(name):
    code = x.XKeysymToKeycode(display, ctypes.c_ulong(x.XStringToKeysym(name.encode())))
    for down in (1, 0):
        xtest.XTestFakeKeyEvent(display, code, down, ctypes.c_ulong(0))
        x.XSync(display, 0)
        time.sleep(0.05)


what, arguments = sys.argv[1], sys.argv[2:]
if what == "names":
    print("\n".join(name for _, name in shown()))
elif what == "close":
    message = Message(type=33, window=named(arguments[0]), message_type=atom("WM_PROTOCOLS"), format=32)
    message.data[0] = atom("WM_DELETE_WINDOW")
    x.XSendEvent(display, Window(message.window), 0, ctypes.c_long(0), ctypes.byref(message))
elif what == "type":
    x.XSetInputFocus(display, Window(named(arguments[0])), 1, ctypes.c_ulong(0))
    x.XSync(display, 0)
    time.sleep(0.3)
    for key in arguments[1:]:
        press(key)
elif what == "middle":
    left, top, width, height = place(named(arguments[0]))
    xtest.XTestFakeMotionEvent(display, -1, left + width // 2, top + height - 25, ctypes.c_ulong(0))
    for down in (1, 0):
        xtest.XTestFakeButtonEvent(display, 1, down, ctypes.c_ulong(0))
        x.XSync(display, 0)
        time.sleep(0.1)
x.XSync(display, 0)
