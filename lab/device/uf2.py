"""UF2: a sketch as the file that the bootloader's USB drive takes.

Source: https://github.com/microsoft/uf2 (file format)
"""

from __future__ import annotations

import struct
from typing import Final

BLOCK: Final = 512
PAYLOAD: Final = 256
APPLICATION: Final = 0x4000
"""Where a sketch begins behind the bootloader. Source: boards.txt, seeed_wio_terminal.upload.offset"""
SAMD51: Final = 0x55114460
_RAM: Final = range(0x2000_0000, 0x2003_0001)
_FLASH: Final = range(APPLICATION, 0x8_0000)
"""The SAMD51P19A's 192 KB and, behind the bootloader, 496 KB. Source: SAM D5x/E5x data sheet, memory map"""
_MAGIC: Final = (0x0A324655, 0x9E5D5157)
_END: Final = 0x0AB16F30
_HAS_FAMILY: Final = 0x2000


def from_binary(image: bytes, address: int = APPLICATION) -> bytes:
    """Return a sketch's binary image as UF2 for the SAMD51; the last block is filled with zeros."""
    count = -(-len(image) // PAYLOAD)
    blocks = []
    for number in range(count):
        data = image[number * PAYLOAD : (number + 1) * PAYLOAD]
        head = (*_MAGIC, _HAS_FAMILY, address + number * PAYLOAD, PAYLOAD, number, count, SAMD51)
        blocks.append(struct.pack("<8I476sI", *head, data, _END))
    return b"".join(blocks)


def is_for_wio(file: bytes) -> bool:
    """Say whether a file is UF2 for the SAMD51, whole, and begins as and where a sketch begins."""
    if not file or len(file) % BLOCK:
        return False
    blocks = [struct.unpack_from("<8I", file, offset) for offset in range(0, len(file), BLOCK)]
    ends = [struct.unpack_from("<I", file, offset + BLOCK - 4)[0] for offset in range(0, len(file), BLOCK)]
    sound = all(block[:2] == _MAGIC and block[6:] == (len(blocks), SAMD51) for block in blocks)
    in_order = [block[5] for block in blocks] == list(range(len(blocks)))
    stack, reset = struct.unpack_from("<2I", file, 32)  # the first words of a sketch: its vector table
    starts = blocks[0][3] == APPLICATION and stack in _RAM and reset in _FLASH
    return sound and in_order and set(ends) == {_END} and starts
