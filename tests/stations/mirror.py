"""A server on loopback that misbehaves as told."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Mirror(ThreadingHTTPServer):
    """Serves `files` (bytes by path); for each request takes one word of `faults`, then goes on without any.

    Words: ok, missing (404), broken (503), busy (429, asks to wait), cut (half of the bytes, then silence), wrong
    (other bytes), elsewhere (another range than the one asked for).
    """

    daemon_threads = True

    def __init__(self, files: dict[str, bytes], ranges: bool = True):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.ranges = files, ranges
        self.faults, self.requests, self.headers = [], [], []
        self.url = f"http://127.0.0.1:{self.server_port}/mirror"

    def __enter__(self):
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self._thread.join()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.removeprefix("/mirror/")
        self.server.requests.append(path)
        self.server.headers.append(dict(self.headers))
        fault = self.server.faults.pop(0) if self.server.faults else "ok"
        body = self.server.files.get(path)
        status = {"missing": 404, "broken": 503, "busy": 429}.get(fault, 200 if body is not None else 404)
        body = body or b""
        if fault == "wrong":
            body = body[::-1]
        first, total = 0, len(body)
        asked = self.headers.get("Range")
        if asked and self.server.ranges and status == 200:
            first = int(asked.removeprefix("bytes=").removesuffix("-"))
            body, status = body[first:], 206 if first < total else 416
        self.send_response(status)
        if status == 206:
            begin = first + 1 if fault == "elsewhere" else first
            self.send_header("Content-Range", f"bytes {begin}-{total - 1}/{total}")
        if status == 429:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)
        self.close_connection = True

    def log_message(self, *args):
        pass
