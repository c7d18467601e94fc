"""The ``singleuse`` command: what an operator does from a terminal. Each command calls one operation.

Answers go to standard output, refusals and advice to standard error. Exit status 1 says that something is wrong.
"""

import re
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from singleuse_app import clock, tokens
from singleuse_app.formats import count_words
from singleuse_app.messages import words
from singleuse_app.operations import (
    backups,
    command_links,
    demo,
    health,
    hosts,
    keys,
    password_resets,
    two_factor,
    upkeep,
)
from singleuse_app.operations.health import Finding
from singleuse_app.scheduling.errors import InvalidInput, Refusal, TryAgain
from singleuse_app.scheduling.link_lists import MAX_LINKS
from singleuse_app.scheduling.links import UNLIMITED_USES
from singleuse_app.settings import settings

IDS_SHOWN = 10
FILE = click.Path(path_type=Path, dir_okay=False)


class Told(click.ClickException):
    """Plain words for standard error, and exit status 1."""

    def show(self, file: Any = None) -> None:
        """Print them as they are."""
        click.echo(self.message, err=True)


class Commands(click.Group):
    """A group whose commands refuse in words, whatever an operation, a setting or the system raises."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise Told(_refusal_words(refusal)) from refusal
        except SystemExit as end:
            if isinstance(end.code, str):  # a setting that cannot be used
                raise Told(end.code) from end
            raise
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise Told(f"The database says: {health.reason_of(error)}") from error
        except OSError as error:
            raise Told(f"{error.strerror or error}: {error.filename or 'a file'}") from error


@click.group(cls=Commands)
def main() -> None:
    """Look after a Singleuse: its database, its links and its hosts."""


@main.command()
@click.option(
    "--seal", metavar="NUMBER:MAC", help="A seal of the event log that an earlier look told: is it still there?"
)
def doctor(seal: str | None = None) -> None:
    """Look at everything that must be true. Changes nothing.

    The newest seal of the event log vouches for all of it. Keep it elsewhere, and give it with --seal another time: it
    shows whether the end of the log was cut off, which nothing in the database can show.
    """
    report = health.examine(now=clock.now(), kept_seal=_kept_seal(seal) if seal else None)
    for finding in report.findings:
        click.echo(_finding_line(finding))
    for line in report.log:
        click.echo(line)
    checks = f"{report.checks} checks" if report.checks != 1 else "1 check"
    if report.broken:
        broken = count_words(len(report.broken), "{number} thing", "{number} things").capitalize()
        raise Told(f"{broken} to put right, found by {checks}.")
    click.echo(f"All is well: {checks}.")


@main.command()
def migrate() -> None:
    """Bring the database to the version that this Singleuse needs."""
    done = upkeep.migrate()
    if done.before == done.after:
        click.echo(f"The database is up to date: version {done.after}.")
    else:
        click.echo(f"The database went from version {done.before or 'nothing'} to {done.after}.")
    if done.put_up:
        click.echo(f"Guards that were missing are up again: {', '.join(done.put_up)}")
    if done.still_missing:
        raise Told(f"Guards that are missing still: {', '.join(done.still_missing)}. See: singleuse doctor")


@main.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--with-key", is_flag=True, help="Copy the key file, too, to FILE.key.")
def backup(file: Path, force: bool, with_key: bool) -> None:
    """Copy the database to FILE, while the app runs."""
    made = backups.back_up(file, force=force, with_key=with_key)
    click.echo(f"The database is copied to {made.file}, and the copy is sound.")
    if made.key_file:
        click.echo(f"The key file is copied to {made.key_file}. Whoever has both can open every link: keep them safe.")
    else:
        click.echo(
            f"The key file is not in it. Keep a copy of {settings().key_file}, too (--with-key makes one): "
            "without it links still open, but cannot be copied again."
        )


@main.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Also a backup in which something is not true.")
@click.option("--with-key", is_flag=True, help="Bring the key file back, too, from FILE.key.")
@click.option("--keep-links-open", is_flag=True, help="Do not take back the links that could be booked with.")
@click.pass_context
def restore(ctx: click.Context, file: Path, force: bool, with_key: bool, keep_links_open: bool) -> None:
    """Bring the database back from FILE, a copy that `singleuse backup` made. The app may run.

    A link that was used after the copy was made is unspent in it. So that it does not book a second time, every link
    that could be booked with is taken back, unless you say --keep-links-open.
    """
    done = backups.restore(file, now=clock.now(), force=force, with_key=with_key, keep_links_open=keep_links_open)
    click.echo(f"The database is that of {file} again.")
    if done.kept:
        click.echo(f"What was there before is kept in {done.kept}")
    if done.bookings_lost:
        lost = count_words(done.bookings_lost, "{number} booking", "{number} bookings").capitalize()
        click.echo(f"{lost} made since then can be found there only: write to those who booked.")
    if keep_links_open:
        click.echo("Links are as they were then. One that was used since can be used once more.")
    else:
        revoked = count_words(done.links_revoked, "{number} link", "{number} links").capitalize()
        click.echo(
            f"{revoked} that could be booked with: taken back, for some may have been used since. Send new ones."
        )
    click.echo("Everybody has to sign in again. Passwords are those of then.")
    if done.former_key:
        click.echo(f"The key file was another one: the former is kept in {done.former_key}")
    if done.restart:
        click.echo("Restart Singleuse now.")
    ctx.invoke(doctor)


@main.command("demo")
@click.option("--time-zone", default="UTC", show_default=True, help="Where the host of the demo is.")
def add_demo(time_zone: str) -> None:
    """Fill an empty database with a host, links and bookings to look around in."""
    upkeep.need_tables(make=True)
    made = demo.add_demo(time_zone=time_zone, now=clock.now())
    click.echo(f"Sign in at {settings().public_origin}/sign-in")
    click.echo(f"E-mail    {made.email}\nPassword  {made.password}")


@main.group()
def links() -> None:
    """Make links, or take them back."""


@links.command("create")
@click.option("--event-type", required=True, metavar="NAME_OR_ID", help="What they are links of.")
@click.option("--host", metavar="EMAIL", help="Whose event type, where several hosts have one of that name.")
@click.option("--count", default=1, show_default=True, help=f"How many, at most {MAX_LINKS}.")
@click.option("--uses", default=1, show_default=True, help="How many bookings each is good for; 0 for any number.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Their last day.")
def create_links(event_type: str, host: str | None, count: int, uses: int, expires: datetime | None) -> None:
    """Print new links, one a line. Each books once, unless you say otherwise."""
    upkeep.need_tables()
    made = command_links.create_links(
        event_type=event_type,
        host_email=host,
        count=count,
        max_uses=uses or UNLIMITED_USES,
        expires_on=expires.date() if expires else None,
        now=clock.now(),
    )
    for link in made:
        click.echo(tokens.link_url(link.token))
    if settings().opens_here_only:
        click.echo("These open on this computer only: set PUBLIC_URL to the address that others reach it at.", err=True)


@links.command("revoke")
@click.option("--all", "everything", is_flag=True, required=True, help="Every link that could be booked with.")
def revoke_links(everything: bool) -> None:
    """Take links back, of all hosts: after a restore, or when links have leaked."""
    upkeep.need_tables()
    taken = count_words(command_links.revoke_all_links(now=clock.now()), "{number} link", "{number} links")
    click.echo(f"{taken.capitalize()} taken back.")


@main.group("hosts")
def host_commands() -> None:
    """Add hosts, list them, give one a new password, or end two-factor sign-in."""


@host_commands.command("add")
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--time-zone", required=True, metavar="AREA/CITY", help="Like Europe/Berlin.")
@click.option("--generate-password", is_flag=True, help="Make one up and print it, instead of asking.")
def add_host(name: str, email: str, time_zone: str, generate_password: bool) -> None:
    """Add a host, who starts with hours on weekdays and a 30 minute meeting."""
    upkeep.need_tables(make=True)
    password = _new_password(generate_password)
    host = hosts.add_host(name=name, email=email, password=password, time_zone=time_zone, now=clock.now())
    click.echo(f"{host.name} can sign in with {host.email} at {settings().public_origin}/sign-in")
    _show_generated(password, generate_password)


@host_commands.command("reset-password")
@click.argument("email")
@click.option("--generate-password", is_flag=True, help="Make one up and print it, instead of asking.")
def reset_password(email: str, generate_password: bool) -> None:
    """Give the host with that e-mail address a new password, and sign them out everywhere."""
    upkeep.need_tables()
    password = _new_password(generate_password)
    password_resets.give_password(email=email, password=password, now=clock.now())
    click.echo("The password is changed, and the host is signed out everywhere.")
    _show_generated(password, generate_password)


@host_commands.command("end-two-factor")
@click.argument("email")
def end_two_factor(email: str) -> None:
    """Let the host with that e-mail address sign in with the password alone, having lost phone and recovery codes.

    Make sure first that it is they who ask.
    """
    upkeep.need_tables()
    two_factor.end_two_factor(email=email, now=clock.now())
    click.echo("Two-factor sign-in is off: the password alone signs the host in.")


@host_commands.command("list")
def list_hosts() -> None:
    """Print the hosts, one a line: e-mail address, name, time zone."""
    upkeep.need_tables()
    for host in hosts.list_hosts():
        click.echo(f"{host.email}\t{host.name}\t{host.time_zone}")


@main.group("key")
def key_commands() -> None:
    """Use another key for new links, or see what needs which."""


@key_commands.command("rotate")
def rotate_key() -> None:
    """Add a key to the key file, for whatever is made from now on. The app may run.

    Links and addresses that were made with a former key stay good, and need it: leave its line in the file.
    """
    upkeep.need_tables()
    new = keys.rotate()
    click.echo(f"{new.file} has another key, {new.name}, with which new links and addresses are made from now on.")
    click.echo("Keep the former keys in it: links that were made with them can be copied again with them only.")
    click.echo("Browsers in which hosts have signed in are still known. Limits on each visitor count from nothing.")
    click.echo("Back the key file up now, apart from the database.", err=True)


@key_commands.command("list")
def list_keys() -> None:
    """Print the keys by name, the current one last, with how much needs each. The keys themselves are not shown."""
    upkeep.need_tables()
    for key in keys.list_keys(now=clock.now()):
        needed = ", ".join(f"{what}: {count}" for what, count in key.rows.items()) or "nothing needs it"
        is_what = "current" if key.is_current else "former" if key.is_there else "missing"
        click.echo(f"{key.name}\t{is_what}\t{needed}")


def _kept_seal(text: str) -> tuple[int, str]:
    number, _, mac = text.strip().partition(":")
    if not (re.fullmatch(r"[0-9]{1,18}", number) and re.fullmatch(r"[0-9a-f]{64}", mac)):
        raise Told("A seal is given as it was told: its number, a colon and 64 digits and letters.")
    return int(number), mac


def _new_password(generated: bool) -> str:
    if generated:
        return tokens.new_password()
    return click.prompt("Password", hide_input=True, confirmation_prompt="The same once more", err=True)


def _show_generated(password: str, generated: bool) -> None:
    if generated:
        click.echo(f"Password  {password}")


def _finding_line(finding: Finding) -> str:
    shown, more = finding.ids[:IDS_SHOWN], len(finding.ids) - IDS_SHOWN
    ids = f": {', '.join(shown)}" + (f" and {more} more" if more > 0 else "") if shown else ""
    return f"{'Note' if finding.is_note else 'Broken'}: {finding.what}{ids} — {finding.remedy}"


def _refusal_words(refusal: Refusal) -> str:
    if isinstance(refusal, InvalidInput) and refusal.fields:
        return "\n".join(words(code) for code in refusal.fields.values())
    if isinstance(refusal, TryAgain) and refusal.__context__:
        return f"{words(refusal)}\nThe database says: {health.reason_of(refusal)}"
    return words(refusal)


if __name__ == "__main__":
    main(prog_name="singleuse")
