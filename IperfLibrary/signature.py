"""Gives a keyword the arguments that the options table has for its role, typed and documented. Pure.

So an option stands in one place, and Libdoc, editors and Robot's argument conversion know it all the same.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Any, TypeVar

from .errors import ConfigurationError
from .option_table import Option, Words
from .options import option_named, options_of
from .secret import Password
from .sweeps import several_of

_Keyword = TypeVar("_Keyword", bound=Callable[..., Any])

HERE = "%OPTIONS%"
"""What a docstring has where the table of options goes."""


def typed(keyword: _Keyword) -> _Keyword:
    """Tells Robot ``X`` where the code says ``X | None``: in a union it would drop the message of X's converter."""
    hints = typing.get_type_hints(keyword)
    given = [p.replace(annotation=_bare(hints, p)) for p in inspect.signature(keyword).parameters.values()]
    return _with(_strict(keyword, given), given, hints.get("return"))


def _strict(keyword: _Keyword, parameters: Sequence[inspect.Parameter]) -> _Keyword:
    """The keyword, which takes no text for a bool: Robot leaves what it does not know as it is, and ``Flase`` is true then.

    It has no defaults of its own, either: of one that is None, Python 3.10 would make ``X | None`` again.
    """
    flags = {p.name for p in parameters if p.annotation is bool}
    places = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]

    @wraps(keyword)
    def checked(*values: Any, **given: Any) -> Any:
        for name, value in (*zip(places, values, strict=False), *given.items()):
            if name in flags and (isinstance(value, str) or value not in (True, False, None)):
                raise ConfigurationError(f"The argument '{name}' is True or False, not '{value}'.")
        return keyword(*values, **given)

    return typing.cast(_Keyword, checked)


SINGLE = (Words, Password)
"""Types of options that take one value alone: a list is one, and nobody sweeps passwords."""


def takes_options(role: str, *like: Callable[..., Any], several: bool = False) -> Callable[[_Keyword], _Keyword]:
    """Adds the options of the role as named arguments, before the keyword's own ``**options``.

    With ``like``, the keyword's other arguments are those of that function, to which it hands them on; and the named ones of
    each further function, to which that hands them on in turn. An option whose name the keyword has for an argument of its own
    is that argument. With ``several``, an option takes one value or a list. A name that is none of all these is refused when the keyword
    is called, with the nearest of them.
    """

    def decorate(keyword: _Keyword) -> _Keyword:
        keyword = typed(keyword)
        first, *further = like or (keyword,)
        *own, rest = _given(first)
        for function in further:
            own += [argument for argument in named(function) if argument.name not in {known.name for known in own}]
        taken = {parameter.name for parameter in own}
        options = [parameter for parameter in _options(role, several) if parameter.name not in taken]
        keyword = _strict(_knowing(keyword, role, taken), own)
        keyword = _with(keyword, [*own, *options, rest], keyword.__annotations__["return"])
        # Without its margin, which the table has not: editors take what is indented for code.
        keyword.__doc__ = inspect.cleandoc(keyword.__doc__ or "").replace(HERE, _table(role))
        return keyword

    return decorate


def _knowing(keyword: _Keyword, role: str, own: set[str]) -> _Keyword:
    """The keyword, which takes no name but its own and those of options."""

    @wraps(keyword)
    def checked(*values: Any, **given: Any) -> Any:
        for name in given:
            if name not in own:
                option_named(name, role, own - {"self"})
        return keyword(*values, **given)

    return typing.cast(_Keyword, checked)


def named(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The arguments of the function that can only be given by their names."""
    return [p for p in _given(function) if p.kind is p.KEYWORD_ONLY]


# What many keywords share is made once: a suite waits for it when it imports the library.
@cache
def _given(function: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    return tuple(inspect.signature(typed(function)).parameters.values())


def _bare(hints: dict[str, Any], parameter: inspect.Parameter) -> Any:
    hint = hints.get(parameter.name, parameter.annotation)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        rest = [part for part in typing.get_args(hint) if part is not type(None)]
        if len(rest) > 1:
            # A device or a handle, or a name: Robot would turn what it does not know into text.
            return Any
        return rest[0]
    return hint


def _with(keyword: _Keyword, parameters: list[inspect.Parameter], gives: Any) -> _Keyword:
    signature = inspect.signature(keyword).replace(parameters=parameters)
    keyword.__signature__ = signature  # type: ignore[attr-defined]
    hints = {
        p.name: p.annotation for p in parameters if p.name != "self" and p.annotation is not inspect.Parameter.empty
    }
    keyword.__annotations__ = {**hints, "return": gives}
    return keyword


@cache
def _options(role: str, several: bool) -> tuple[inspect.Parameter, ...]:
    return tuple(_parameter(option, several and option.type not in SINGLE) for option in options_of(role))


def _parameter(option: Option, several: bool) -> inspect.Parameter:
    default = False if option.type is bool and not several else None
    kind = several_of(option.type) if several else option.type
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


@cache
def _table(role: str) -> str:
    rows = [
        f"| ``{option.name}`` | {option.doc}{option.only('iperf3', 'iperf2')}{_also(option)} | {_since(option, 'iperf3', role)} | {_since(option, 'iperf2', role)} |"
        for option in options_of(role)
    ]
    return "\n".join(["| =Option= | =Meaning= | =iperf3 since= | =iperf2 since= |", *rows])


def _also(option: Option) -> str:
    names = ", ".join(f"``{name}``" for name in option.aliases)
    return f" (also {names})" if names else ""


def _since(option: Option, tool: str, role: str) -> str:
    flag = option.flag(tool)
    if option.type is Words:
        return "all"
    return flag.since if flag and role in option.roles_for(tool) else "-"
