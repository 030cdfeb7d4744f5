"""What this program descends from, as a yardstick: asyncio, AES-GCM, JSON; nothing is stored.

One process serves, the other sends ``count`` messages of 100 bytes, each encrypted on its own and
acknowledged on its own, pipelined. Prints acknowledged messages per second, and the round trip.
"""

import asyncio
import json
import os
import sys
import time

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY = bytes(32)
WINDOW = 256


def seal(cipher: AESGCM, value: object) -> bytes:
    nonce = os.urandom(12)
    sealed = nonce + cipher.encrypt(nonce, json.dumps(value).encode(), None)
    return len(sealed).to_bytes(4, "big") + sealed


async def read(reader: asyncio.StreamReader, cipher: AESGCM) -> dict[str, object]:
    size = int.from_bytes(await reader.readexactly(4), "big")
    sealed = await reader.readexactly(size)
    value: dict[str, object] = json.loads(cipher.decrypt(sealed[:12], sealed[12:], None))
    return value


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    cipher = AESGCM(KEY)
    try:
        while True:
            message = await read(reader, cipher)
            writer.write(seal(cipher, {"type": "ack", "id": message["id"]}))
            await writer.drain()
    except asyncio.IncompleteReadError:
        writer.close()


async def send(port: int, count: int) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    cipher = AESGCM(KEY)
    window = asyncio.Semaphore(WINDOW)
    began = time.perf_counter()

    async def hear() -> None:
        for _ in range(count):
            await read(reader, cipher)
            window.release()

    hearing = asyncio.create_task(hear())
    for number in range(count):
        await window.acquire()
        writer.write(seal(cipher, {"type": "message", "id": number, "text": "x" * 100}))
        await writer.drain()
    await hearing
    rate = count / (time.perf_counter() - began)
    writer.close()
    return rate


async def run_server() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(run_server())
    else:
        print(asyncio.run(send(int(sys.argv[2]), int(sys.argv[3]))))
