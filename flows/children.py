"""Child processes of a service: started, watched, started again when they die, and ended with all they started."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from flows.console import complain

AGAIN = (1, 2, 5, 10, 30)  # seconds before the first, second, … restart
PR_SET_PDEATHSIG = 1  # of linux/prctl.h
LASTING = 300.0  # seconds after which a child counts as sound again


def _die_with_parent() -> None:
    """Have the kernel end this process when its parent dies, even by SIGKILL (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """One process in a group of its own. `log`: where its output goes; None: where ours goes."""

    def __init__(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path | None = None
    ) -> None:
        self.name = name
        self._command = tuple(command)
        self._env = {**os.environ, **env}
        self._cwd = cwd
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start it."""
        output = self._log.open("ab") if self._log else None
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._env,
                cwd=self._cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        finally:
            if output:
                output.close()

    async def watch(self) -> None:
        """Start it again whenever it dies, after a growing pause; runs until it is cancelled."""
        assert self._process is not None
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            began = loop.time()
            code = await self._process.wait()
            failures = 0 if loop.time() - began > LASTING else failures + 1
            pause = AGAIN[min(failures, len(AGAIN)) - 1] if failures else 0
            complain(f"{self.name} ended (exit code {code}); starting it again in {pause} s{self._where()}")
            await asyncio.sleep(pause)
            await self.start()
            self.restarts += 1

    async def stop(self, sign: signal.Signals, grace: float) -> None:
        """Ask it to end; after `grace` seconds end it and whatever is left of its group."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(sign)
            try:
                await asyncio.wait_for(process.wait(), grace)
            except TimeoutError:
                complain(f"{self.name} did not end within {grace:.0f} s; killing it")
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()

    def _where(self) -> str:
        return f" (its log: {self._log})" if self._log else ""
