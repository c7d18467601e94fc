"""Where a link is for one address alone: the address, masked, and the code that was sent there."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.fields import text_field
from singleuse_app.components.words import t
from singleuse_app.messages import WORDS
from singleuse_app.scheduling.address_proofs import Proof, ProofState


@dataclass(frozen=True)
class ProofOf:
    """The address as anybody may see it, and how far this browser is. Nothing where no code is asked for."""

    masked: str = ""
    state: str = ""


def proof_of(proof: Proof | None) -> ProofOf:
    """What the form shows of it."""
    return ProofOf(proof.masked, proof.state.value) if proof else ProofOf()


def code_fields(state: Any) -> rx.Component:
    """In the place of the field for an address. ``state`` has ``proof``, ``code_error``, ``is_asking`` and
    ``send_code``."""
    proof, error = state.proof, state.code_error
    can_ask = rx.fragment(_send(t("Send me a code"), state), rx.el.p(error, id="code-error", class_name="field-error"))
    typed = rx.fragment(
        text_field(
            t("Code"),
            "code",
            input_mode="numeric",
            autocomplete="one-time-code",
            hint=t("Six digits, in the mail that is on its way. They are good for ten minutes."),
            required=True,
            error=error,
        ),
        _send(t("Send another code"), state),
    )
    return rx.el.fieldset(
        rx.el.legend(t("E-mail")),
        rx.el.p(rx.el.strong(proof.masked)),
        rx.match(
            proof.state,
            (ProofState.PROVEN, rx.el.p(t("Proven by the code."), class_name="small soft")),
            (ProofState.SENT, typed),
            (ProofState.IMPOSSIBLE, rx.el.p(t(WORDS["codes_not_sent"]), class_name="notice notice--warning")),
            rx.fragment(
                rx.el.p(t("Only this address may book. A code that is sent there proves it."), class_name="field-hint"),
                can_ask,
            ),
        ),
        class_name="field address-code",
    )


def _send(text: rx.Var, state: Any) -> rx.Component:
    return rx.el.button(
        text,
        type="button",
        id="send-code",
        on_click=state.send_code,
        class_name="button",
        custom_attrs={"aria-busy": rx.cond(state.is_asking, "true", "false"), "aria-describedby": "code-error"},
    )
