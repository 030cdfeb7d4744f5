"""Two families, so that nobody has to guess whose fault it was."""

import inspect

import pytest

from engine.protocol import errors

ALL = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if cls.__module__ == errors.__name__
]
BASES = (errors.ProtocolError, errors.RemoteProtocolError, errors.LocalProtocolError)


@pytest.mark.parametrize("cls", [cls for cls in ALL if cls not in BASES])
def test_every_error_is_of_exactly_one_family(cls):
    families = errors.RemoteProtocolError, errors.LocalProtocolError
    assert sum(issubclass(cls, family) for family in families) == 1


@pytest.mark.parametrize("cls", ALL)
def test_the_drawing_names_every_error(cls):
    assert cls.__name__ in errors.__doc__
