import { once } from "node:events";
import { SMTPServer, type SMTPServerDataStream } from "smtp-server";
import type { Mailbox } from "./mailbox.ts";
import type { Refusals } from "./refusals.ts";

const maxMailBytes = 1024 * 1024;
const maxRecipients = 100;
const maxClients = 100;

/** Accepts every mail on loopback, without TLS or login. */
export async function startSmtp(
  port: number,
  mailbox: Mailbox,
  refusals: Refusals,
): Promise<() => Promise<void>> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    disableReverseLookup: true,
    size: maxMailBytes,
    maxClients,
    closeTimeout: 500,
    logger: false,
    onRcptTo({ address }, session, callback) {
      if (session.envelope.rcptTo.length >= maxRecipients) {
        callback(smtpError(452, "Too many recipients."));
      } else if (refusals.take(address)) {
        callback(smtpError(451, "Try again later."));
      } else {
        callback();
      }
    },
    onData(stream, session, callback) {
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      readAll(stream)
        .then(raw => mailbox.add(recipients, raw))
        .then(() => callback(), callback);
    },
  });
  server.on("error", () => {
    // A connection broke: its client knows, the others are not affected.
  });
  server.listen(port, "127.0.0.1");
  await once(server.server, "listening");
  return () => new Promise(resolve => server.close(() => resolve()));
}

async function readAll(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes <= maxMailBytes) {
      chunks.push(chunk);
    }
  }
  if (stream.sizeExceeded) {
    throw smtpError(552, "The mail is too large.");
  }
  return Buffer.concat(chunks);
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
