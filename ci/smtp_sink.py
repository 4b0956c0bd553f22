"""The SMTP server of the tests; see ci/smtp-sink.

Modes, each an answer that a real server gives:
  ok               accepts and writes the mail
  greylist         refuses each new sender-recipient pair once with 451, then accepts
  busy             answers every mail with 451: never delivered, always worth another try
  unwelcome        greets everybody with 554: a word about the server, not about a mail
  no-sender        answers every sender with 550: a word about us, not about a mail
  refuse           answers every recipient with 550: final
  too-big          answers the mail itself with 552: final
  drop-after-data  writes the mail, then closes the connection without an answer: delivered, and the client cannot know
  drop-at-data     closes the connection at DATA, nothing written: not delivered
  slow             waits --delay seconds (default 30) before the answer to the mail, then accepts
"""

import argparse
import asyncio
import os
import signal

from aiosmtpd.smtp import SMTP

MODES = ["ok", "greylist", "busy", "unwelcome", "no-sender", "refuse", "too-big", "drop-after-data", "drop-at-data", "slow"]


class Sink:
    """Answers by mode and keeps the accepted mails in a directory."""

    def __init__(self, directory, mode, delay_s):
        self.directory = directory
        self.mode = mode
        self.delay_s = delay_s
        self.greylisted = set()
        self.count = 0
        os.makedirs(directory, exist_ok=True)

    def write(self, envelope):
        """Writes the mail under its final name only when it is whole, so that a reader never meets half of one."""
        self.count += 1
        path = os.path.join(self.directory, f"{self.count:04}.eml")
        with open(path + ".part", "wb") as file:
            file.write(f"X-Envelope-From: {envelope.mail_from}\r\n".encode())
            for recipient in envelope.rcpt_tos:
                file.write(f"X-Envelope-To: {recipient}\r\n".encode())
            file.write(envelope.original_content)
        os.rename(path + ".part", path)
        print(f"accepted {path}", flush=True)

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.mode == "no-sender":
            print("no-sender", flush=True)
            return "550 5.7.1 not a sender of ours"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.mode == "refuse":
            print("refuse", flush=True)
            return "550 5.1.1 no such mailbox here"
        pair = (envelope.mail_from, address)
        if self.mode == "greylist" and pair not in self.greylisted:
            self.greylisted.add(pair)
            print("greylist", flush=True)
            return "451 4.7.1 greylisted, come again"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        if self.mode == "busy":
            print("busy", flush=True)
            return "451 4.3.0 try again later"
        if self.mode == "too-big":
            print("too-big", flush=True)
            return "552 5.3.4 message too big"
        if self.mode == "slow":
            await asyncio.sleep(self.delay_s)
        self.write(envelope)
        if self.mode == "drop-after-data":
            server.transport.abort()
            return "421 4.3.2 never seen by the client"
        return "250 2.0.0 accepted"


class Server(SMTP):
    """aiosmtpd's server; its handler hooks come too late to drop a connection at DATA."""

    async def push(self, status):
        if self.event_handler.mode == "unwelcome" and str(status).startswith("220"):
            print("unwelcome", flush=True)
            status = "554 5.3.2 no mail today"
        await super().push(status)

    async def smtp_DATA(self, arg):
        if self.event_handler.mode == "drop-at-data":
            print("drop-at-data", flush=True)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


async def serve(arguments):
    sink = Sink(arguments.dir, arguments.mode, arguments.delay)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Server(sink, hostname="sink.test", enable_SMTPUTF8=True), "127.0.0.1", arguments.port
    )
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    stop = loop.create_future()
    loop.add_signal_handler(signal.SIGTERM, stop.set_result, None)
    loop.add_signal_handler(signal.SIGINT, stop.set_result, None)
    await stop


def main():
    parser = argparse.ArgumentParser(prog="ci/smtp-sink", description=__doc__.splitlines()[0])
    parser.add_argument("--dir", required=True, help="where the .eml files go")
    parser.add_argument("--mode", choices=MODES, default="ok")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=30.0, help="seconds, for --mode slow")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
