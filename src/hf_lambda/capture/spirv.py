"""Reads SPIR-V, what a shader is translated to: whether its picture hangs on how a driver rounds.

Drivers differ in the last bits of a sine, as they may. That shows nowhere but in noise that is made of nothing but last
bits, `fract(sin(x) * 43758.5453)`. Opcodes and layouts are those of the SPIR-V specification, section 3, and of its
extended instructions, GLSL.std.450.
"""

import re
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import Flag, auto

_WORD = re.compile(r"0x([0-9A-Fa-f]{8})")
_MAGIC = 0x07230203
_HEADER_WORDS = 5
_FLOAT_BITS = 32

_EXTENDED, _TYPE_FLOAT, _CONSTANT = 12, 22, 43
_FUNCTION, _PARAMETER, _CALL, _RETURN = 54, 55, 57, 254
_STORE, _COPY, _ACCESS = 62, 63, 65
_DECORATE, _FRAGMENT_COORDINATES = 71, (11, 15)
_DIVISION = 136
_REMAINDERS = frozenset({140, 141})
_PRODUCTS = frozenset({133, *range(142, 149)})
_VALUES = frozenset({*range(41, 47), 59, 61, *range(77, 92), *range(100, 245), 245, _EXTENDED, _ACCESS})
"""What has a type, a result and then operands."""
_COUNTED = {61: 1, 79: 2, 81: 1, 82: 2}
"""How many operands are values, where literals follow them: OpLoad, OpVectorShuffle, OpCompositeExtract and -Insert."""
_FUSED, _WAVES = 50, frozenset({13, 14, 15})  # extended: Fma; Sin, Cos, Tan
_FOLDS = _WAVES | {1, 2, 3, 8, 9, 10, 35, 36}  # extended: these, what rounds, Fract, Modf

_LARGE = 100.0
"""From here on a factor makes last bits visible; those that noise is made with begin at a few hundred."""

_Instruction = tuple[int, Sequence[int]]
"""An opcode and the words after it."""


class _Trait(Flag):
    """What is in a value."""

    NONE = 0
    WAVE = auto()
    LARGE = auto()
    LAST_BITS = auto()


def hangs_on_rounding(listing: str) -> bool:
    """Whether a module, as ANGLE lists its words, folds a sine that was multiplied by a large number.

    Folding is what makes noise of it: taking the fraction, or the sine of that.

    Raises:
        ValueError: that is no module.
    """
    module = [int(word, 16) for word in _WORD.findall(listing)]
    if len(module) < _HEADER_WORDS or module[0] != _MAGIC:
        raise ValueError("no SPIR-V")
    try:
        return _Flow(list(_instructions(module))).is_folded()
    except LookupError as error:
        raise ValueError(f"broken SPIR-V: {error!r}") from error


def _instructions(module: Sequence[int]) -> Iterator[_Instruction]:
    at = _HEADER_WORDS
    while at < len(module):
        length = module[at] >> 16
        if not length:
            raise ValueError(f"an instruction without length at word {at}")
        yield module[at] & 0xFFFF, module[at + 1 : at + length]
        at += length


class _Flow:
    """Follows traits from value to value, through variables and calls, whatever the order."""

    def __init__(self, instructions: Sequence[_Instruction]) -> None:
        self._instructions = instructions
        self._traits: defaultdict[int, _Trait] = defaultdict(lambda: _Trait.NONE, _large(instructions))
        self._parameters = _parameters(instructions)
        self._function = 0

    def is_folded(self) -> bool:
        """Whether a wave is, of which only last bits are left then."""
        grows = True
        while grows:
            before = dict(self._traits)
            for opcode, words in self._instructions:
                self._follow(opcode, words)
            grows = before != self._traits
        return any(
            _folds(opcode, words) and _Trait.LAST_BITS in self._of(_operands(opcode, words))
            for opcode, words in self._instructions
        )

    def _follow(self, opcode: int, words: Sequence[int]) -> None:
        if opcode in (_STORE, _COPY):
            self._add(words[0], self._traits[words[1]])
        elif opcode == _FUNCTION:
            self._function = words[1]
        elif opcode == _RETURN:
            self._add(self._function, self._traits[words[0]])
        elif opcode == _CALL:
            _, result, function, *arguments = words
            self._add(result, self._traits[function])
            for parameter, argument in zip(self._parameters[function], arguments, strict=True):
                self._share(parameter, argument)
        elif opcode == _ACCESS:
            self._share(words[1], words[2])
        elif opcode in _VALUES:
            self._add(words[1], self._result(opcode, words))

    def _result(self, opcode: int, words: Sequence[int]) -> _Trait:
        extended = words[3] if opcode == _EXTENDED else None
        if extended in _WAVES:
            return _Trait.WAVE
        if _folds(opcode, words):
            return _Trait.NONE
        traits = self._of(_operands(opcode, words))
        if opcode == _DIVISION:
            return traits & ~_Trait.LARGE  # as coordinates are divided by the size of the picture
        if (opcode in _PRODUCTS or extended == _FUSED) and _Trait.WAVE | _Trait.LARGE in traits:
            return traits | _Trait.LAST_BITS
        return traits

    def _of(self, values: Iterable[int]) -> _Trait:
        traits = _Trait.NONE
        for value in values:
            traits |= self._traits[value]
        return traits

    def _add(self, value: int, traits: _Trait) -> None:
        self._traits[value] |= traits

    def _share(self, one: int, other: int) -> None:
        """Of two names for one place, or a place and what is passed of it."""
        traits = self._of((one, other))
        self._add(one, traits)
        self._add(other, traits)


def _folds(opcode: int, words: Sequence[int]) -> bool:
    """Whether numbers far apart may give the same."""
    return opcode in _REMAINDERS or (opcode == _EXTENDED and words[3] in _FOLDS)


def _operands(opcode: int, words: Sequence[int]) -> Sequence[int]:
    """The values that one is made of."""
    first = 4 if opcode == _EXTENDED else 2
    return words[first : first + _COUNTED.get(opcode, len(words))]


def _large(instructions: Sequence[_Instruction]) -> dict[int, _Trait]:
    """Large constants, and the pixel's coordinates."""
    floats = {words[0] for opcode, words in instructions if opcode == _TYPE_FLOAT and words[1] == _FLOAT_BITS}
    constants = (
        words[1]
        for opcode, words in instructions
        if opcode == _CONSTANT and words[0] in floats and abs(_float(words[2])) >= _LARGE
    )
    coordinates = (
        words[0] for opcode, words in instructions if opcode == _DECORATE and tuple(words[1:3]) == _FRAGMENT_COORDINATES
    )
    return dict.fromkeys([*constants, *coordinates], _Trait.LARGE)


def _float(word: int) -> float:
    number: float
    (number,) = struct.unpack("<f", struct.pack("<I", word))
    return number


def _parameters(instructions: Iterable[_Instruction]) -> dict[int, list[int]]:
    parameters: dict[int, list[int]] = {}
    for opcode, words in instructions:
        if opcode == _FUNCTION:
            current = parameters.setdefault(words[1], [])
        elif opcode == _PARAMETER:
            current.append(words[1])
    return parameters
