"""Reads the file that describes a business, and says in plain words what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from booking.business_file import BusinessFile


class BusinessFileError(Exception):
    """The file can't be read as a business; each line of the message is one mistake."""


def read_business_file(path: Path) -> BusinessFile:
    """Read and validate a business file (YAML).

    Raises:
        BusinessFileError: it isn't there, is no YAML, or describes no business.
    """
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise BusinessFileError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BusinessFileError(f"{path} is not UTF-8 text") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "no valid YAML"
        raise BusinessFileError(f"{path}{where}: {problem}") from None
    try:
        return BusinessFile.model_validate(raw)
    except ValidationError as error:
        lines = [
            f"{path}: {'.'.join(str(part) for part in detail['loc']) or 'file'}: {detail['msg']}"
            for detail in error.errors(include_url=False)
        ]
        raise BusinessFileError("\n".join(lines)) from None
