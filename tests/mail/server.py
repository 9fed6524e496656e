"""A mail server for tests. How it answers stands in the address: `ok`, `defer2` (451 twice, then taken), `refuse` (550),
`tarpit`, `slow` (a second, a tenth of one before the answer), `drop1` (keeps the message, then closes the connection without a word, once).

usage: server.py FOLDER PORT READY_FILE [tls|starttls CERTIFICATE KEY]   (port 0 picks one; every message is kept as FOLDER/NNNNNN.json)
"""

import asyncio
import json
import os
import re
import ssl
import sys

from aiosmtpd.smtp import SMTP

folder, port, ready = sys.argv[1], int(sys.argv[2]), sys.argv[3]
mode = sys.argv[4] if len(sys.argv) > 4 else "plain"
seen = {}
kept = len(os.listdir(folder))


def script(address):
    name = re.match(r"([a-z]+)(\d*)", address)
    return (name.group(1), int(name.group(2) or 0)) if name else ("ok", 0)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        word, times = script(address)
        seen[address] = seen.get(address, 0) + 1
        if word == "refuse":
            return "550 5.1.1 no such person <%s>" % address
        if word == "defer" and seen[address] <= times:
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global kept
        address = envelope.rcpt_tos[0]
        word, times = script(address)
        await asyncio.sleep({"tarpit": 1.0, "slow": 0.1}.get(word, 0.005))
        kept += 1
        path = os.path.join(folder, "%06d.json" % kept)
        text = envelope.content.decode("utf-8", "replace")
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump({"to": envelope.rcpt_tos, "from": envelope.mail_from, "data": text}, file)
        os.rename(path + ".part", path)
        if word == "drop" and seen[address] <= times:
            server.transport.abort()
        return "250 OK"


async def main():
    loop = asyncio.get_running_loop()
    context = None
    if mode != "plain":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*sys.argv[5:7])
    upgrade = {"tls_context": context, "require_starttls": True} if mode == "starttls" else {}
    make = lambda: SMTP(Handler(), hostname="mail.example", loop=loop, **upgrade)
    server = await loop.create_server(make, "127.0.0.1", port, ssl=context if mode == "tls" else None)
    with open(ready + ".part", "w", encoding="utf-8") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.rename(ready + ".part", ready)
    await server.serve_forever()


asyncio.run(main())
