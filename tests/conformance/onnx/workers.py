"""Worker processes: each takes one case after another; one that crashes or hangs costs only its case."""
import json
import os
import queue
import select
import signal
import subprocess
import threading
import time


class Worker:
    """One process, started when it is needed. For one thread."""

    def __init__(self, command, timeout):
        self.command, self.timeout = command, timeout
        self.process = None

    def start(self):
        # posix_spawn underneath: no preexec_fn, no new session.
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, close_fds=False)
        os.set_blocking(self.process.stderr.fileno(), False)

    def stop(self):
        """Ends the process; gives what it left on stderr."""
        if self.process is None:
            return ""
        self.process.kill()
        _, err = self.process.communicate()
        self.process = None
        return (err or b"").decode("utf-8", "replace").strip()

    def answer(self):
        """A line of the worker, b"" at its end, or None when the time is over."""
        line, deadline = b"", time.monotonic() + self.timeout
        out = self.process.stdout.fileno()
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                return None
            chunk = os.read(out, 1 << 16)
            if not chunk:
                return b""
            line += chunk
        return line

    def run(self, case):
        """{"status", "detail", "claimed"}: the worker's, or CRASH or HANG."""
        if self.process is None:
            self.start()
        try:
            self.process.stdin.write(json.dumps(case.spec).encode() + b"\n")
            self.process.stdin.flush()
            line = self.answer()
        except BrokenPipeError:
            line = b""
        if line is None:
            self.stop()
            return {"status": "HANG", "detail": f"no answer within {self.timeout} s", "claimed": True}
        if line:
            return json.loads(line)
        code = self.process.wait()
        said = self.stop()
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return {"status": "CRASH", "detail": f"{how} {said[-2000:]}".strip(), "claimed": True}


def run_all(command, cases, jobs, timeout, done):
    """Calls done(case, answer) for each case, from one thread at a time, in any order."""
    todo, lock, broken = queue.SimpleQueue(), threading.Lock(), []
    for case in cases:
        todo.put(case)

    def work():
        worker = Worker(command, timeout)
        try:
            while not broken:
                case = todo.get_nowait()
                answer = worker.run(case)
                with lock:
                    done(case, answer)
        except queue.Empty:
            pass
        except BaseException as e:  # a bug of the runner must not pass for a finished run
            broken.append(e)
        finally:
            worker.stop()

    threads = [threading.Thread(target=work) for _ in range(jobs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if broken:
        raise broken[0]
