# SPDX-License-Identifier: ISC
"""picture.py OUT WIDTH - a grey PNG with an author, a place and a time."""
import os
import struct
import sys
import zlib


def chunk(name, data):
    body = name + data
    return struct.pack('>I', len(data)) + body + struct.pack(
        '>I', zlib.crc32(body))


width = int(sys.argv[2])
# Exif: one directory, one entry, the artist's name behind it.
artist = b'JANE-SECRET\0'
exif = (b'MM\0*' + struct.pack('>I', 8) + struct.pack('>H', 1)
        + struct.pack('>HHII', 0x013b, 2, len(artist), 26)
        + struct.pack('>I', 0) + artist)
noise = b''.join(b'\0' + os.urandom(width) for _ in range(width))
with open(sys.argv[1], 'wb') as f:
    f.write(b'\x89PNG\r\n\x1a\n'
            + chunk(b'IHDR', struct.pack('>IIBBBBB', width, width, 8, 0, 0,
                                         0, 0))
            + chunk(b'eXIf', exif)
            + chunk(b'tEXt', b'Author\0JANE-SECRET')
            + chunk(b'tIME', struct.pack('>HBBBBB', 2026, 3, 14, 15, 9, 26))
            + chunk(b'IDAT', zlib.compress(noise, 1))
            + chunk(b'tEXt', b'Comment\0JANE-SECRET')
            + chunk(b'IEND', b''))
