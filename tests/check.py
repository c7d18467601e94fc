"""Everything that must be true before a change lands: ``uv run --group dev python -m tests.check``."""

import subprocess
import sys

STEPS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("ty", "check", "--error-on-warning"),
    ("lint-imports", "--no-cache"),
    ("pytest", "--profile", "thorough", *(["--no-repeats"] if "--no-repeats" in sys.argv else [])),
)


def main() -> int:
    """Run every step, all of them, and say which failed."""
    failed = []
    for step in STEPS:
        print(f"\n$ {' '.join(step)}", flush=True)
        if subprocess.run(step, check=False).returncode:
            failed.append(" ".join(step))
    print("\nFailed: " + "; ".join(failed) if failed else "\nAll is well.")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
