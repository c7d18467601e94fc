"""Turns at an SQLite file, which lets one writer in at a time: a queue in this process, and one commit for those in it.

A commit waits for the disk, as long as half of what it keeps took. So whoever has written while others wait hands the
open transaction on to the next of them instead. Each writes behind a savepoint of their own, the last one commits for
all, and nobody is told anything before that. What goes wrong with one undoes that one; what goes wrong with the
transaction undoes all of them.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, NestedTransaction

from singleuse_app.scheduling.errors import TryAgain

MOST = 4
"""How many share a commit. More would gain little, and writers of other processes only get in between two."""

LOOK_AGAIN = 0.05
"""After so many seconds without a commit somebody looks whether the next writer has ever come."""


class Undone(Exception):
    """What was written together was not kept. The cause is the reason, and may be another writer's."""


class Turns:
    """The queue of this process at one file. ``patience`` is how many seconds a writer waits in it."""

    def __init__(self, engine: Engine, patience: float) -> None:
        self._engine = engine
        self._patience = patience
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._handed_on: _Shared | None = None

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """A connection in a transaction: what is written is kept on a normal exit, undone on any exception.

        Raises ``TryAgain`` where the queue is too long, ``Undone`` where what others shared failed, and what the
        database raises.
        """
        shared = self._my_turn()
        raised: BaseException | None = None
        try:
            with shared.one_more():
                yield shared.connection
        except BaseException as error:
            raised = error
        self._pass_on(shared)
        self._wait_for(shared)
        if shared.failure and shared.writers > 1:
            raise Undone from shared.failure  # also for who was refused: by what has not come about
        if problem := raised or shared.failure:
            raise problem

    def _my_turn(self) -> "_Shared":
        """Wait for it. Then there is a transaction: the one that was handed on, or a new one."""
        with self._counting:
            self._waiting += 1
        came = self._turn.acquire(timeout=self._patience)
        with self._counting:
            self._waiting -= 1
        if not came:
            raise TryAgain
        shared, self._handed_on = self._handed_on, None
        try:
            return shared or _Shared(self._engine)
        except BaseException:
            self._turn.release()
            raise

    def _pass_on(self, shared: "_Shared") -> None:
        """To whoever waits. Where nobody does, or enough have written, it ends here."""
        try:
            if shared.goes_on and shared.writers < MOST and self._waiting:
                self._handed_on = shared
            else:
                shared.end()
        finally:
            self._turn.release()  # whatever happens, or nobody would ever write again

    def _wait_for(self, shared: "_Shared") -> None:
        """Until it has ended. If the one who was to come next has lost patience meanwhile, this one ends it."""
        while not shared.ended.wait(LOOK_AGAIN):
            if self._turn.acquire(blocking=False):
                try:
                    if self._handed_on is shared:
                        self._handed_on = None
                        shared.end()
                finally:
                    self._turn.release()


class _Shared:
    """A transaction that goes from one writer to the next; each has it alone."""

    def __init__(self, engine: Engine) -> None:
        self.connection = engine.connect()
        self.writers = 0
        self.goes_on = True
        self.failure: BaseException | None = None
        self.ended = threading.Event()
        try:
            self.connection.begin()
        except BaseException:
            self.connection.close()
            raise

    @contextmanager
    def one_more(self) -> Generator[None]:
        """What one writer does. On an exception that much is undone, if need be with all the rest."""
        self.writers += 1
        mark: NestedTransaction | None = None
        try:
            if self.writers > 1:
                mark = self.connection.begin_nested()
            yield
            if mark:
                mark.commit()
        except BaseException as error:
            self._undo(mark, error)
            raise

    def end(self) -> None:
        """Keep what all have written, if it came to that, and give the connection back."""
        try:
            if self.goes_on:
                self.connection.commit()
        except BaseException as error:
            self.goes_on, self.failure = False, error
        finally:
            try:
                self.connection.close()  # undoes what is not committed
            finally:
                self.ended.set()

    def _undo(self, mark: NestedTransaction | None, error: BaseException) -> None:
        if self.writers == 1:
            self.goes_on = False  # nobody else has written
            return
        try:
            if mark and mark.is_active:
                mark.rollback()
            driver = self.connection.connection.dbapi_connection
            self.goes_on = mark is not None and driver is not None and driver.in_transaction
        except Exception:
            self.goes_on = False
        if not self.goes_on:  # SQLite gives all of it up where the disk is full
            self.failure = error
