#!/usr/bin/env python3
"""A feedback agent: says how much of its traffic this machine can take. Runs on each real server; the director has

    virtual = 192.0.2.1:80
            real = 10.0.0.11:80 gate 100
            real = 10.0.0.12:80 gate 100
            agent = 3333

HAProxy asks it as well, with `agent-check agent-port 3333`. As long as the file DRAIN is there the server gets no new
connections; its first line is the reason:

    echo kernel update > /run/agent.drain
"""

import os
import socketserver
import sys

DRAIN = "/run/agent.drain"
PORT = 3333


def word():
    try:
        with open(DRAIN, encoding="utf-8") as file:
            return "drain #" + (file.readline().strip() or DRAIN)
    except FileNotFoundError:
        pass
    load = os.getloadavg()[0] / os.cpu_count()
    # All as long as a third of the processors is idle, then less, in steps: each one changes the table.
    share = 100 - 10 * round(10 * max(0, load - 0.67))
    return f"ready {max(10, share)}%"


class Agent(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(f"{word()}\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    DRAIN = sys.argv[2] if len(sys.argv) > 2 else DRAIN
    with Server(("", int(sys.argv[1]) if len(sys.argv) > 1 else PORT), Agent) as server:
        server.serve_forever()
