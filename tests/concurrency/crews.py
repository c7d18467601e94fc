"""Those who start at the same moment: threads of this process, or processes of their own, each with its connections."""

import multiprocessing
import random
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Protocol

import pytest

from tests.concurrency.contenders import Contender, Outcome
from tests.harness.databases import Database, forget, use
from tests.harness.unguarded import CONDITIONS

PATIENCE = 60.0


class Crew(Protocol):
    """``size`` who can start at once, again and again."""

    size: int

    def open(self, database: Database) -> None:
        """Work with this database from now on."""

    def close(self) -> None:
        """Let go of the database."""

    def race(self, contenders: Sequence[Contender], condition: str) -> list[Outcome]:
        """Let all of them start under one of the ``CONDITIONS``, and say what each was told."""


class Threads:
    """Eight in this process. They are switched often, so that they meet in the middle of something."""

    size = 8

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.size)

    def open(self, database: Database) -> None:
        pass

    def close(self) -> None:
        pass

    def race(self, contenders: Sequence[Contender], condition: str) -> list[Outcome]:
        start = threading.Barrier(self.size)

        def run(contender: Contender) -> Outcome:
            start.wait(PATIENCE)
            return contender.attempt()

        with CONDITIONS[condition](), _switched_often():
            return list(self._pool.map(run, contenders))

    def end(self) -> None:
        self._pool.shutdown()


class Processes:
    """Four, started once. Each is told by a pipe what to do, and all wait for one another before they do it."""

    size = 4

    def __init__(self) -> None:
        context = multiprocessing.get_context("forkserver")  # a clean process, which imports once for all of them
        context.set_forkserver_preload([__name__])
        self._start = context.Barrier(self.size)
        self._pipes: list[Connection] = []
        self._processes = []
        for _ in range(self.size):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, self._start), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def open(self, database: Database) -> None:
        self._tell([database] * self.size)

    def close(self) -> None:
        self._tell([None] * self.size)

    def race(self, contenders: Sequence[Contender], condition: str) -> list[Outcome]:
        return self._tell([(contender, condition) for contender in contenders])

    def end(self) -> None:
        for pipe, process in zip(self._pipes, self._processes, strict=True):
            pipe.close()
            process.join(PATIENCE)

    def _tell(self, tasks: Sequence[object]) -> list:
        for pipe, task in zip(self._pipes, tasks, strict=True):
            pipe.send(task)
        return [pipe.recv() for pipe in self._pipes]


CREWS = {"threads": Threads, "processes": Processes}


def _work(tasks: Connection, start: Barrier) -> None:
    """The life of a process: until the pipe is closed."""
    with pytest.MonkeyPatch.context() as patch:
        while True:
            try:
                task = tasks.recv()
            except EOFError:
                return
            answer = None
            match task:
                case None:
                    forget()
                case Database():
                    use(patch, task)
                case contender, condition:
                    with CONDITIONS[condition]():
                        start.wait(PATIENCE)
                        answer = contender.attempt()
            tasks.send(answer)


@contextmanager
def _switched_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def shuffled(contenders: Sequence[Contender], seed: object) -> list[Contender]:
    """In another order each time, for whoever is told first starts a little earlier."""
    return random.Random(str(seed)).sample(contenders, len(contenders))
