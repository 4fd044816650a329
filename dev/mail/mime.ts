/** The parts of a mail that a person reads. */
export interface ParsedMail {
  from: string;
  subject: string;
  text: string;
  html: string;
}

const maxDepth = 8;

/** Reads what mail programs send by default: nested multiparts, quoted-printable, base64, encoded headers. */
export function parseMail(raw: Buffer): ParsedMail {
  const message = raw.toString("latin1");
  const { headers } = splitEntity(message);
  const bodies = { text: "", html: "" };
  collectBodies(message, bodies, 0);
  return {
    from: decodeWords(headers.get("from") ?? ""),
    subject: decodeWords(headers.get("subject") ?? ""),
    ...bodies,
  };
}

/** Bytes are kept as latin1 characters until the part's own character set is known. */
function collectBodies(entity: string, bodies: { text: string; html: string }, depth: number) {
  const { headers, body } = splitEntity(entity);
  const { type, parameters } = parseContentType(headers.get("content-type") ?? "text/plain");
  const boundary = parameters.get("boundary");
  if (type.startsWith("multipart/") && boundary && depth < maxDepth) {
    for (const part of splitParts(body, boundary)) collectBodies(part, bodies, depth + 1);
    return;
  }
  if (headers.get("content-disposition")?.toLowerCase().startsWith("attachment")) return;
  if (type !== "text/plain" && type !== "text/html") return;
  const bytes = decodeTransfer(
    body,
    headers.get("content-transfer-encoding")?.trim().toLowerCase() ?? "7bit",
  );
  const content = decodeCharset(bytes, parameters.get("charset")).replaceAll("\r\n", "\n");
  if (type === "text/html") bodies.html ||= content;
  else bodies.text ||= content;
}

function splitEntity(entity: string): { headers: Map<string, string>; body: string } {
  const blankLine = /(?:^|\r?\n)\r?\n/.exec(entity);
  const head = blankLine ? entity.slice(0, blankLine.index) : entity;
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, body: blankLine ? entity.slice(blankLine.index + blankLine[0].length) : "" };
}

function parseContentType(value: string): { type: string; parameters: Map<string, string> } {
  const [type = "", ...rest] = value.split(";");
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const equals = parameter.indexOf("=");
    const content = parameter.slice(equals + 1).trim();
    parameters.set(parameter.slice(0, equals).trim().toLowerCase(), content.replace(/^"(.*)"$/, "$1"));
  }
  return { type: type.trim().toLowerCase(), parameters };
}

function splitParts(body: string, boundary: string): string[] {
  return `\r\n${body}`
    .split(`\n--${boundary}`)
    .slice(1)
    .filter(part => !part.startsWith("--"))
    .map(part => part.replace(/^[ \t]*\r?\n/, "").replace(/\r$/, ""));
}

function decodeTransfer(body: string, encoding: string): Buffer {
  if (encoding === "base64") return Buffer.from(body, "base64");
  if (encoding === "quoted-printable") return decodeQuotedPrintable(body.replace(/=[ \t]*\r?\n/g, ""));
  return Buffer.from(body, "latin1");
}

function decodeQuotedPrintable(text: string): Buffer {
  const unescaped = text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(unescaped, "latin1");
}

function decodeCharset(bytes: Buffer, charset = "utf-8"): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}

/** RFC 2047: `=?utf-8?B?…?=`. Neighbouring words join before they are decoded, for some split a character. */
function decodeWords(header: string): string {
  const joined = header.replace(/(=\?[^?\s]+\?[bq]\?[^?]*\?=)\s+(?==\?)/gi, "$1");
  return joined
    .split(/((?:=\?[^?\s]+\?[bq]\?[^?]*\?=)+)/i)
    .map(piece => (piece.startsWith("=?") ? decodeRun(piece) : decodeCharset(Buffer.from(piece, "latin1"))))
    .join("");
}

function decodeRun(run: string): string {
  const words = Array.from(run.matchAll(/=\?([^?]+)\?([bq])\?([^?]*)\?=/gi));
  const bytes = words.map(([, , encoding, text = ""]) =>
    encoding?.toLowerCase() === "b"
      ? Buffer.from(text, "base64")
      : decodeQuotedPrintable(text.replaceAll("_", " ")),
  );
  return decodeCharset(Buffer.concat(bytes), words[0]?.[1]);
}
