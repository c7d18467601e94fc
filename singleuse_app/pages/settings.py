"""/settings: who the host is, how they see times, what they sign in with and where, and their data."""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, limits, live, session
from singleuse_app.components.empty import skeleton
from singleuse_app.components.frame import announcer, host_frame
from singleuse_app.components.linked_accounts import LinkedLine, linked_accounts_view
from singleuse_app.components.settings_parts import (
    EMAIL,
    LEAVING,
    PASSWORD,
    PROFILE,
    DeviceLine,
    HostLine,
    InvitationLine,
    data_view,
    devices_view,
    email_form,
    hosts_view,
    mail_view,
    password_form,
    profile_form,
)
from singleuse_app.components.two_factor import ENDING, RECOVERY, TWO_FACTOR, SecondFactor, two_factor_view
from singleuse_app.components.words import t
from singleuse_app.erasing import ErasingState, erasing_view
from singleuse_app.formats import ago_words, browser_words, date_words, day_words
from singleuse_app.happening import HappeningState, happening_view
from singleuse_app.messages import words
from singleuse_app.operations import devices, host_invitations, leaving, linked_accounts, profile, two_factor
from singleuse_app.operations.devices import Device
from singleuse_app.operations.history import desk
from singleuse_app.operations.host_invitations import HostRow, Hosts, Invitation
from singleuse_app.operations.hosts import SignedInHost
from singleuse_app.operations.linked_accounts import Linked
from singleuse_app.operations.two_factor import Standing
from singleuse_app.scheduling.errors import InvalidInput
from singleuse_app.securing import Securing
from singleuse_app.settings import settings
from singleuse_app.wording import noted, say

ROUTE = "/settings"
TITLE = t("Settings · Singleuse")
CODES = (TWO_FACTOR, RECOVERY, ENDING)
FIELDS = (
    *("name", "time_zone", "email", "email_password", "password", "new_password", "delete_email", "delete_password"),
    *(f"{part}_{field}" for part in CODES for field in ("code", "password")),
)
PARTS = (PROFILE, EMAIL, PASSWORD, LEAVING, *CODES)


class SettingsState(session.HostPage, session.LivePage, Securing, rx.State):
    """The forms of the page. Each says for itself what is wrong, and that it is saved."""

    profile: dict[str, str] = {"name": "", "time_zone": "", "email": "", "clock": "24", "first_weekday": "0"}
    devices: list[DeviceLine] = []
    has_others: bool = False
    linked: list[LinkedLine] = []
    has_providers: bool = False
    hosts: list[HostLine] = []
    invitations: list[InvitationLine] = []
    errors: dict[str, str] = dict.fromkeys(FIELDS, "")
    refused: dict[str, int] = dict.fromkeys(PARTS, 0)
    drawn: dict[str, int] = dict.fromkeys(PARTS, 0)
    is_sending: str = ""
    announcement: str = ""

    @rx.event
    async def open(self) -> EventSpec | None:
        """Show the page, and keep it true from now on."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        live.follow(self, [desk(host.id)], SettingsState.refresh)
        self.saved, self.errors, self.second = "", dict.fromkeys(FIELDS, ""), SecondFactor()
        for part in (ErasingState, HappeningState):
            (await self.get_state(part)).reset()
        return await self._show(host)

    @rx.event
    async def save_profile(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Keep name, zone, clock, week and language."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        said = _texts(form)
        save = partial(
            profile.edit_profile,
            host_id=host.id,
            name=said.get("name"),
            time_zone=said.get("time_zone"),
            twelve_hours=said.get("clock") == "12",
            first_weekday=said.get("first_weekday"),
            locale=said.get("locale"),
        )
        async for event in self._save(PROFILE, save, say("Your profile is saved.")):
            yield event

    @rx.event
    async def save_email(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Sign in with another address."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        said = _texts(form)
        save = partial(
            profile.change_email, host_id=host.id, email=said.get("email"), password=said.get("email_password")
        )
        async for event in self._save(EMAIL, save, say("Your address is changed.")):
            yield event

    @rx.event
    async def save_password(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Sign in with another password, here and, from then on, elsewhere."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        said = _texts(form)
        save = partial(
            profile.change_password,
            host_id=host.id,
            password=said.get("password"),
            new_password=said.get("new_password"),
            secret=self._secret(),
        )
        async for event in self._save(PASSWORD, save, say("Your password is changed. Other devices are signed out.")):
            yield event

    @rx.event
    async def sign_out_device(self, device_id: Any = None) -> EventSpec | None:
        """End a session elsewhere."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        end = partial(devices.sign_out_device, host_id=host.id, device_id=device_id, now=clock.now())
        await rx.run_in_thread(end)
        await self._show(host)
        self.announcement = say("That device is signed out.")
        return rx.set_focus("content")

    @rx.event
    async def sign_out_others(self) -> EventSpec | None:
        """End all sessions but this one."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        end = partial(devices.sign_out_other_devices, host_id=host.id, secret=self._secret(), now=clock.now())
        await rx.run_in_thread(end)
        await self._show(host)
        self.announcement = say("All other devices are signed out.")
        return rx.set_focus("content")

    @rx.event
    async def unlink_account(self, account_id: Any = None) -> EventSpec | None:
        """Sign in no more with an account elsewhere."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        await rx.run_in_thread(partial(linked_accounts.unlink, host_id=host.id, account_id=account_id, now=clock.now()))
        await self._show(host)
        self.announcement = say("That account does not sign you in any more.")
        return rx.set_focus("content")

    @rx.event
    async def revoke_invitation(self, invitation_id: Any = None) -> EventSpec | None:
        """Take an invitation back."""
        if (host := await session.host_of(self)) is None:
            return await session.elsewhere(self)
        revoke = partial(host_invitations.revoke_invitation, host_id=host.id, invitation_id=invitation_id)
        await rx.run_in_thread(partial(revoke, now=clock.now()))
        await self._show(host)
        self.announcement = say("The invitation is taken back.")
        return rx.set_focus("content")

    @rx.event
    async def delete_account(self, form: Any = None) -> AsyncGenerator[EventSpec | None]:
        """Delete the host with everything of theirs."""
        if (host := await session.host_of(self)) is None:
            yield await session.elsewhere(self)
            return
        said = _texts(form)
        leave = partial(
            leaving.delete_account,
            host_id=host.id,
            email=said.get("delete_email"),
            password=said.get("delete_password"),
        )
        async for event in self._save(LEAVING, leave, say("Your account is deleted.")):
            yield event
        if self.saved == LEAVING:
            live.unfollow(self)
            yield await session.elsewhere(self)

    async def _save(self, part: str, act: Callable[..., None], told: str) -> AsyncGenerator[EventSpec | None]:
        self.is_sending, self.saved, self.errors = part, "", dict.fromkeys(FIELDS, "")
        yield None
        try:
            asks_password = part != PROFILE  # a thief of one session shuts out no other
            if asks_password:
                await limits.spend("own_password", self._secret())
            await rx.run_in_thread(partial(act, now=clock.now()))
            if asks_password:
                await limits.forgive("own_password", self._secret())
            self.saved, self.announcement = part, told
            self.drawn[part] += 1  # passwords that were typed are gone
            if part != LEAVING and (host := await session.host_of(self)):
                await self._show(host)
        except InvalidInput as refusal:
            self.errors = {**self.errors, **{field: words(code) for field, code in refusal.fields.items()}}
            self.announcement = words("invalid_input")
            self.refused[part] += 1
        finally:
            self.is_sending = ""

    async def _show(self, host: SignedInHost) -> None:
        now = clock.now()
        secret = self._secret()

        def read() -> tuple[list[Device], Hosts | None, list[Linked], Standing]:
            return (
                devices.list_devices(host_id=host.id, secret=secret, now=now),
                host_invitations.list_hosts_and_invitations(host_id=host.id, now=now),
                linked_accounts.list_linked(host_id=host.id),
                two_factor.look_at_two_factor(host_id=host.id),
            )

        found, all_hosts, linked, standing = await rx.run_in_thread(read)
        zone = ZoneInfo(host.time_zone)
        self._stands(standing, zone)
        self.hosts = [_host(each, zone) for each in all_hosts.hosts] if all_hosts else []
        invitations = [*all_hosts.invitations, *all_hosts.ended] if all_hosts else []
        self.invitations = [_invitation(each, zone, now) for each in invitations]
        self.devices = [_device(device, zone, now) for device in found]
        self.has_others = len(found) > 1
        self.linked = [_linked(each, zone, now) for each in linked]
        self.has_providers = bool(linked or settings().providers)
        self.profile = {
            "name": host.name,
            "time_zone": host.time_zone,
            "email": host.email,
            "clock": "12" if host.how.twelve_hours else "24",
            "first_weekday": str(host.how.first_weekday),
            "locale": host.locale,
        }
        self.host_name = host.name
        self.ready = True

    def _secret(self) -> str:
        return session.secret_in(self.router.headers.cookie) or ""


def page() -> rx.Component:
    """The parts below one another."""
    state = SettingsState
    return host_frame(
        announcer(state.announcement),
        rx.cond(
            state.ready,
            rx.el.div(
                profile_form(state),
                email_form(state),
                password_form(state),
                two_factor_view(state),
                rx.cond(state.has_providers, linked_accounts_view(state), rx.fragment()),
                devices_view(state),
                mail_view(),
                rx.cond(state.hosts, hosts_view(state), rx.fragment()),
                happening_view(),
                erasing_view(),
                data_view(state),
                class_name="settings",
                custom_attrs={"data-speaks": state.profile["locale"]},  # browser.js loads the page in that language
            ),
            skeleton(7),
        ),
        title=t("Settings"),
        current=ROUTE,
        host_name=state.host_name,
    )


def _texts(form: object) -> dict[str, str]:
    given = form if isinstance(form, dict) else {}
    return {name: value for name, value in given.items() if isinstance(name, str) and isinstance(value, str)}


def _device(device: Device, zone: ZoneInfo, now: datetime) -> DeviceLine:
    day, end = (day_words(at.astimezone(zone).date()) for at in (device.signed_in_at, device.ends_at))
    told = (
        say("signed in on {day}, until {end}", day=day, end=end)
        if device.is_this
        else say(
            "last seen {ago}, signed in on {day}, until {end}", ago=_ago(now, device.last_seen_at), day=day, end=end
        )
    )
    return DeviceLine(device.id, browser_words(device.user_agent), told, device.is_this)


def _linked(row: Linked, zone: ZoneInfo, now: datetime) -> LinkedLine:
    day = day_words(row.linked_at.astimezone(zone).date())
    told = say("last used {ago}, linked on {day}", ago=_ago(now, row.last_used_at), day=day)
    return LinkedLine(row.id, row.provider, told)


def _host(row: HostRow, zone: ZoneInfo) -> HostLine:
    return HostLine(row.name, row.email, say("since {day}", day=date_words(row.created_at.astimezone(zone).date())))


def _invitation(row: Invitation, zone: ZoneInfo, now: datetime) -> InvitationLine:
    if ended := row.accepted_at or row.revoked_at:
        told, at = noted("accepted on {day}") if row.accepted_at else noted("taken back on {day}"), ended
    else:
        told, at = noted("good until {day}") if row.expires_at > now else noted("expired on {day}"), row.expires_at
    is_open = ended is None and row.expires_at > now
    return InvitationLine(row.id, say(told, day=day_words(at.astimezone(zone).date())), is_open)


def _ago(now: datetime, at: datetime) -> str:
    hours = int((now - at).total_seconds()) // 3600
    return ago_words(now - at) if hours else say("within the hour")
