#!/usr/bin/env python3
"""Serves a folder at 127.0.0.1 with the two headers that threads need: serve.py FOLDER [PORT].
PORT is 8000 by default; 0 uses a free port."""
import functools
import gzip
import http.server
import sys
from pathlib import Path


class Handler(http.server.SimpleHTTPRequestHandler):
    """Sends files compressed by gzip if the browser accepts that, as most hosts do."""

    isolated = True

    def end_headers(self):
        if self.isolated:
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file() or "gzip" not in self.headers.get("Accept-Encoding", ""):
            return super().do_GET()
        stamp = f'"{path.stat().st_mtime_ns}-{path.stat().st_size}"'
        if self.headers.get("If-None-Match") == stamp:
            self.send_response(304)
            self.send_header("ETag", stamp)
            return self.end_headers()
        body = compressed(path, path.stat().st_mtime_ns)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", stamp)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@functools.lru_cache(maxsize=64)
def compressed(path, _changed):
    return gzip.compress(path.read_bytes(), 6)


def serve(folder, port, isolated=True):
    """Returns a server of `folder`. isolated=False leaves out the two headers, like a host that can't set them."""
    handler = type("Host", (Handler,), {"isolated": isolated})
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(handler, directory=str(folder)))


if __name__ == "__main__":
    server = serve(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8000)
    print(f"Convlens is at http://127.0.0.1:{server.server_port}/ ; Ctrl+C ends it", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
