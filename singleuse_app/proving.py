"""Proving an address: a code is asked for and typed, where only that address may book. A mixin of the booking page's
State. The address itself never comes here: only the operations know it."""

from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from singleuse_app import clock, session, visitor
from singleuse_app.components.address_code import ProofOf, proof_of
from singleuse_app.messages import words
from singleuse_app.operations import address_codes, address_proofs
from singleuse_app.scheduling.address_proofs import Proof, ProofState
from singleuse_app.scheduling.errors import LinkRefusal, Refusal
from singleuse_app.wording import say


class Proving(rx.State, mixin=True):
    """The masked address and how far this browser is with it; ``code_error`` is what is wrong with the code."""

    proof: rx.Field[ProofOf] = rx.field(default_factory=ProofOf)
    code_error: str = ""
    is_asking: bool = False

    @rx.event
    async def send_code(self) -> AsyncGenerator[EventSpec | None]:
        """Send a code to the address that the link is for. Whoever holds the token may ask, a few times an hour."""
        if not self.proof.masked or self.is_asking:
            return
        self.is_asking, self.code_error = True, ""
        yield None
        ask = partial(
            address_codes.ask_for_code,
            token=self._address_token(),
            receipt=await self._receipt(),
            locale=await visitor.locale_of(self),
            now=clock.now(),
        )
        try:
            await session.spend(self, "codes")
            await rx.run_in_thread(ask)
            self._say_of_proof(say("A code is on its way to {address}.", address=self.proof.masked))
        except LinkRefusal:
            self.code_error = ""  # of which the page tells more
        except Refusal as refusal:
            self.code_error = words(refusal)
            self._say_of_proof(self.code_error)
        finally:
            self.is_asking = False
        sent = not self.code_error
        await self._look_again()
        if self.proof.state == ProofState.SENT:
            if sent:
                yield rx.set_value("code", "")
            yield rx.set_focus("code")
        elif self.proof.state == ProofState.ASKABLE:
            yield rx.set_focus("send-code")

    async def _prove(self, form: Mapping[str, Any]) -> None:
        """Try the code that was typed, where one is asked for and none was right yet."""
        if not self.proof.masked or self.proof.state == ProofState.PROVEN:
            return
        if self.proof.state == ProofState.IMPOSSIBLE:
            raise Refusal("codes_not_sent")
        prove = partial(
            address_proofs.prove_address,
            token=self._address_token(),
            receipt=await self._receipt(),
            code=form.get("code"),
            now=clock.now(),
        )
        await rx.run_in_thread(prove)

    def _show_proof(self, proof: Proof | None) -> None:
        if self.proof != proof_of(proof):
            self.proof = proof_of(proof)

    def _say_of_proof(self, text: str) -> None:
        """Announce how it goes."""
        raise NotImplementedError

    def _address_token(self) -> object:
        """The token of the link."""
        raise NotImplementedError

    async def _receipt(self) -> str:
        """What names this browser."""
        raise NotImplementedError

    async def _look_again(self) -> None:
        """Show the link as it is now."""
        raise NotImplementedError
