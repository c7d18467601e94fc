"""What a spreadsheet would run is shown to it as text."""

import csv
from io import StringIO

import pytest

from singleuse_app.csv_files import csv_file


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+49 30",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1+1",
        "\u00a0=1",
        "＝1",
        '=HYPERLINK("http://x","y")',
    ],
)
def test_a_formula_is_shown_as_it_is_written(cell: str) -> None:
    [[found]] = csv.reader(StringIO(csv_file([[cell]]).decode("utf-8-sig"), newline=""))
    assert found == f"'{cell}"


@pytest.mark.parametrize("cell", ["Ada", "a=b", "a,b", 'say "hi"', "two\nlines", "", "Özlem", "http://x/?a=1"])
def test_anything_else_comes_back_as_it_was(cell: str) -> None:
    [[found, _]] = csv.reader(StringIO(csv_file([[cell, "x"]]).decode("utf-8-sig"), newline=""))
    assert found == cell
