"""The `assistant` command, and `python -m assistant`: quick to import, so that Ctrl-C is heard."""

import sys


def main() -> None:
    """Run the command line; see `assistant.cli`."""
    try:
        from assistant.cli import main as command_line

        command_line()
    except KeyboardInterrupt:  # while it was still loading
        print(file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
