"""Reads what the window reports about the value whose terms it shows."""

READY = lambda s: s.get("busy") == "0" and "output" in s


def why(window):
    """Waits until the window is idle. Returns the layer, (channel, y, x), the sum of the terms, and the value in the grid."""
    words = window.wait("an explanation", lambda s: READY(s) and s["why"] != "-")["why"].split(" ")
    return words[0], tuple(int(w) for w in words[1:4]), float(words[4]), float(words[5])


def agree(window):
    """Checks that the sum of the terms is the value that the grid shows. Returns its position and value."""
    layer, spot, total, shown = why(window)
    assert abs(total - shown) <= 1e-5 * max(1.0, abs(shown)), f"{layer} {spot}: the terms make {total}, the grid has {shown}"
    return spot, shown
