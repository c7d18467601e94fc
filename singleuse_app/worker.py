"""What runs beside the pages. No rule lives here.

The watch reads the event log: what this process committed at once, because a commit wakes it; what others committed
(another process, a command) within two seconds. A push that was lost is healed by the next look.

Postmen send the messages that are due: at once, because a commit wakes them, and every ten seconds. Each has a thread
and a connection of his own, for a mail server may take its time.

The reader reads the calendars that are due, a few at a time, and tells their hosts' pages. It looks every ten seconds,
and at once when the log says that a calendar was added.

Twice a second the pages are told whose link has ended by itself, of which no line tells.

The sealer seals the lines of the log that are new, every five seconds. Once a day what is older than RETENTION_DAYS
is erased.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial

from singleuse_app import clock, db
from singleuse_app.calendars.problems import FeedProblem
from singleuse_app.notifications.smtp import Post, post_of
from singleuse_app.operations import feed_checks, history
from singleuse_app.operations.deliveries import deliver_due
from singleuse_app.operations.feed_checks import Claimed, Copy
from singleuse_app.operations.log_seals import AT_MOST, PAUSE, Sealer
from singleuse_app.operations.retention import keep_since
from singleuse_app.scheduling.errors import NotFound, TryAgain
from singleuse_app.settings import settings

LOOK_AT_LEAST_EVERY = 2.0
"""Seconds."""

READ_AT_LEAST_EVERY = 10.0
"""Seconds."""

DELIVER_AT_LEAST_EVERY = 10.0
"""Seconds."""

SEAL_EVERY = 5.0
"""Seconds."""

TELL_AT_MOST_EVERY = 0.5
"""Seconds."""

END_AT_LEAST_EVERY = 0.5
"""Seconds."""

POSTMEN = 2
"""While one waits for the mail server, the other writes the next mail."""

CALENDARS_AT_ONCE = 4
MINUTE = 60.0
DAY = 86_400.0

logger = logging.getLogger(__name__)

Publish = Callable[[set[str]], Awaitable[None]]


@asynccontextmanager
async def watching(
    publish: Publish, tell_ends: Callable[[datetime], Awaitable[None]], when_a_host_leaves: Callable[[], None]
) -> AsyncGenerator[None]:
    """Publish the topics of whatever is committed, and read calendars, until the block ends."""
    loop, woken, feeds_woken = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(woken.set)

    log = await asyncio.to_thread(history.Reader)
    feeds_woken.set()  # some may have been due for long
    db.after_commit.append(wake)
    told: asyncio.Queue[set[str]] = asyncio.Queue()

    def tell(topics: set[str]) -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(told.put_nowait, topics)

    postmen = [Postman(post_of(settings()), tell) for _ in range(POSTMEN)]
    tasks = [
        asyncio.create_task(_watch(publish, woken, log, feeds_woken, when_a_host_leaves)),
        asyncio.create_task(_read_calendars(publish, feeds_woken)),
        asyncio.create_task(_tell(publish, told)),
        asyncio.create_task(_tick(publish)),
        asyncio.create_task(_end(tell_ends)),
        asyncio.create_task(_gather_statistics()),
        asyncio.create_task(_seal()),
        asyncio.create_task(_retain()),
    ]
    try:
        yield
    finally:
        db.after_commit.remove(wake)
        for postman in postmen:
            postman.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Postman:
    """A thread that sends what is due. Several, in one process or in many, send nothing twice."""

    def __init__(self, post: Post, tell: Callable[[set[str]], object] = lambda _: None) -> None:
        self._post, self._tell = post, tell
        self._woken, self._is_over = threading.Event(), False
        self._woken.set()  # some may have been due for long
        db.after_commit.append(self._woken.set)
        threading.Thread(target=self._run, daemon=True, name="postman").start()

    def stop(self) -> None:
        """Send nothing more. What is under way is not waited for: it is sent again when its lease is over."""
        self._is_over = True
        db.after_commit.remove(self._woken.set)
        self._woken.set()

    def _run(self) -> None:
        while not self._is_over:
            self._woken.wait(DELIVER_AT_LEAST_EVERY)
            self._woken.clear()
            try:
                while not self._is_over and (claimed := deliver_due(self._post, clock=clock.now)):
                    self._tell({history.mail(owed.host_id) for owed in claimed if owed.host_id})
            except TryAgain:
                logger.warning("Messages that are due could not be found or settled; trying again.")
            except Exception:
                logger.exception("Messages could not be sent.")
            self._post.close()


async def _wait(woken: asyncio.Event, seconds: float) -> None:
    """Until it is set, or so long.

    Not by ``asyncio.wait_for``: until Python 3.12 that forgets that its task is cancelled where the event is set just
    then (CPython issue 86296), and the app would never stop.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await woken.wait()


async def _watch(
    publish: Publish,
    woken: asyncio.Event,
    log: history.Reader,
    feeds_woken: asyncio.Event,
    when_a_host_leaves: Callable[[], None],
) -> None:
    while True:
        await _wait(woken, LOOK_AT_LEAST_EVERY)
        woken.clear()
        try:
            if entries := await asyncio.to_thread(log.news, now=clock.now()):
                if any(entry.kind in history.CALENDAR_CHANGES for entry in entries):
                    feeds_woken.set()
                await publish({topic for entry in entries for topic in entry.topics()})
                if any(entry.kind is history.Happened.HOST_LEFT for entry in entries):
                    await asyncio.to_thread(when_a_host_leaves)
        except TryAgain:
            logger.warning("The event log could not be read; trying again.")
        except Exception:
            logger.exception("A change could not be published.")


async def _tell(publish: Publish, told: asyncio.Queue[set[str]]) -> None:
    """What the postman has done, all of half a second at once."""
    while True:
        topics = await told.get()
        await asyncio.sleep(TELL_AT_MOST_EVERY)
        while not told.empty():
            topics |= told.get_nowait()
        with suppress(Exception):  # the next minute tells it as well
            await publish(topics)


async def _tick(publish: Publish) -> None:
    """Once a minute, for pages that say how long ago something was."""
    while True:
        await asyncio.sleep(MINUTE)
        with suppress(Exception):
            await publish({history.MINUTE})


async def _end(tell_ends: Callable[[datetime], Awaitable[None]]) -> None:
    """Twice a second, for pages that show what ends at a certain instant."""
    while True:
        await asyncio.sleep(END_AT_LEAST_EVERY)
        with suppress(Exception):  # whoever acts on such a page is told as well
            await tell_ends(clock.now())


async def _gather_statistics() -> None:
    """At the start, and once a day, so that pages are found as quickly among many links as among few."""
    while True:
        try:
            await asyncio.to_thread(db.gather_statistics)
        except TryAgain:
            logger.info("The database could not be looked over; tomorrow it is.")
        await asyncio.sleep(DAY)


async def _seal() -> None:
    """What is new in the log. After an upgrade that may be much: block by block, so that nobody waits for it."""
    sealer = Sealer()
    while True:
        sealed = 0
        try:
            sealed = await asyncio.to_thread(lambda: sealer.seal_new(now=clock.now()))
        except TryAgain:
            logger.info("The event log could not be sealed; trying again.")
        except Exception:
            logger.exception("The event log could not be sealed.")
        await asyncio.sleep(PAUSE if sealed == AT_MOST else SEAL_EVERY)


async def _retain() -> None:
    """At the start, and once a day; where it is interrupted, in ten minutes again."""
    while days := settings().retention_days:
        pause = DAY
        now = clock.now()
        batches = keep_since(now - timedelta(days=days), now=now)
        try:
            done = await asyncio.to_thread(next, batches, None)
            while done is not None:
                await asyncio.sleep(PAUSE)
                done = await asyncio.to_thread(next, batches, None)
        except TryAgain:
            pause = 10 * MINUTE
            logger.warning("What is older than RETENTION_DAYS could not be erased; trying again.")
        except Exception:
            logger.exception("What is older than RETENTION_DAYS could not be erased.")
        await asyncio.sleep(pause)


async def _read_calendars(publish: Publish, woken: asyncio.Event) -> None:
    under_way: set[asyncio.Task[None]] = set()
    try:
        while True:
            await _wait(woken, READ_AT_LEAST_EVERY)
            woken.clear()
            under_way = {task for task in under_way if not task.done()}
            try:
                free = CALENDARS_AT_ONCE - len(under_way)
                claim = partial(feed_checks.claim_due, now=clock.now(), at_most=free)
                claimed = await asyncio.to_thread(claim) if free else []
            except TryAgain:
                continue
            except Exception:
                logger.exception("The calendars that are due could not be found.")
                continue
            for feed in claimed:
                task = asyncio.create_task(_read(feed, publish))
                task.add_done_callback(lambda _: woken.set())  # another may be due
                under_way.add(task)
    finally:
        for task in under_way:
            task.cancel()


async def _read(feed: Claimed, publish: Publish) -> None:
    """One calendar. Where keeping what came of it fails, it is due again when the lease is over."""
    try:
        copy = await _in_a_thread_to_leave(partial(feed_checks.look, feed, now=clock.now()))
        keep = partial(feed_checks.keep_copy, feed, copy)
    except FeedProblem as problem:
        keep = partial(feed_checks.keep_problem, feed, problem)
    except Exception:
        logger.exception("A calendar could not be read.")
        keep = partial(feed_checks.keep_problem, feed, FeedProblem("feed_unreadable"))
    try:
        await asyncio.to_thread(partial(keep, now=clock.now()))
        await publish({history.desk(feed.host_id)})
    except NotFound:
        return  # its host has left meanwhile
    except TryAgain:
        logger.warning("What was read of a calendar could not be kept; trying again.")
    except Exception:
        logger.exception("What was read of a calendar could not be kept.")


async def _in_a_thread_to_leave(work: Callable[[], Copy]) -> Copy:
    """Run ``work``, which writes nothing, in a thread that nobody waits for when the server stops."""
    loop, done = asyncio.get_running_loop(), asyncio.Future[Copy]()

    def settle(copy: Copy | None, error: BaseException | None) -> None:
        if done.done():
            return
        if copy is not None:
            done.set_result(copy)
        elif error is not None:
            done.set_exception(error)

    def run() -> None:
        try:
            outcome: tuple[Copy | None, BaseException | None] = (work(), None)
        except Exception as error:
            outcome = (None, error)
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, daemon=True).start()
    return await done
