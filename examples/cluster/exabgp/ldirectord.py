"""What ldirectord says through a named pipe, said to ExaBGP, which runs this.

ldirectord repeats every ten seconds what is announced. Where it has not been heard for thirty, it has died or hangs, and
everything is withdrawn. Arguments: the pipe and, for impatient tests, seconds.
"""

import os
import select
import sys
import time

path = sys.argv[1]
patience = float(sys.argv[2]) if len(sys.argv) > 2 else 30.0


def say(line):
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # ExaBGP has ended.
        os._exit(0)


def main():
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(0, False)
    announced = set()
    heard = time.monotonic()
    rest = b""
    while True:
        ready, _, _ = select.select([pipe, 0], [], [], 0.5)
        if 0 in ready and read(0) == b"":
            return
        text = read(pipe) if pipe in ready else None
        if text:
            heard = time.monotonic()
            *lines, rest = (rest + text).split(b"\n")
            for line in lines:
                words = line.decode("utf-8", "replace").split()
                if words[1:2] != ["route"] or words[0] not in ("announce", "withdraw"):
                    continue
                (announced.add if words[0] == "announce" else announced.discard)(words[2])
                say(" ".join(words))
        elif text == b"":
            # Nobody has it open for writing at present: a restart, perhaps.
            rest = b""
            time.sleep(0.2)
        if announced and time.monotonic() - heard > patience:
            for prefix in sorted(announced):
                say("withdraw route %s next-hop self" % prefix)
            announced.clear()


def read(file):
    """None where there is nothing yet, and nothing where nobody writes."""
    try:
        return os.read(file, 65536)
    except BlockingIOError:
        return None


main()
