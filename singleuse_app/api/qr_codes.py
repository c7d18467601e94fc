"""QR codes (ISO/IEC 18004)."""

from io import BytesIO

import segno


def qr_code(text: str, *, inline: bool = False) -> bytes:
    """An SVG image of ``text``, black on white in any theme, with the quiet zone that scanners need.

    ``inline`` leaves out what an image inside a page does not have.
    """
    image = BytesIO()
    code = segno.make_qr(text, error="m")
    code.save(image, kind="svg", border=4, light="#fff", omitsize=True, xmldecl=not inline, svgns=not inline)
    return image.getvalue()
