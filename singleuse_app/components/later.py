"""What is drawn when there is time for it."""

import reflex as rx


class Later(rx.Component):
    """The React component in `later.jsx`: children that are drawn when they are due, or when the browser is idle."""

    library = rx.asset("later.jsx", shared=True).importable_path
    tag = "Later"

    is_due: rx.Var[bool]
    is_waiting: rx.Var[bool]
