import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import { readBody } from "../read-body.ts";
import type { Mailbox } from "./mailbox.ts";
import { listPage, mailPage, notFoundPage } from "./pages.ts";
import type { Refusals } from "./refusals.ts";

const defaultLimit = 100;
const maxMails = 1_000;
const maxBodyBytes = 10_000;
const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'";

const refusal = z.object({ to: z.email(), times: z.int().min(0).max(1_000) });
const listQuery = z.object({
  to: z.string().max(320).optional(),
  limit: z.coerce.number().int().min(1).max(maxMails).default(defaultLimit),
});

/** Shows the mails on loopback, as pages and as JSON. */
export async function startHttp(
  port: number,
  mailbox: Mailbox,
  refusals: Refusals,
): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    answer(request, response, mailbox, refusals).catch((error: Error) =>
      sendJson(response, error instanceof z.ZodError || error instanceof SyntaxError ? 400 : 500, {
        message: error.message,
      }),
    );
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  mailbox: Mailbox,
  refusals: Refusals,
) {
  const url = new URL(request.url ?? "/", "http://localhost");
  const query = () => listQuery.parse(Object.fromEntries([...url.searchParams].filter(([, value]) => value)));
  switch (`${request.method} ${url.pathname}`) {
    case "GET /":
      return sendPage(response, 200, listPage(mailbox.list(query()), query().to));
    case "GET /mails":
      return sendJson(response, 200, mailbox.list(query()));
    case "POST /sim/refuse": {
      const { to, times } = refusal.parse(
        JSON.parse(await readBody(request, maxBodyBytes, text => new SyntaxError(text))),
      );
      refusals.set(to, times);
      return sendJson(response, 200, { to, times });
    }
  }
  const [, id] = /^\/mails\/([\w-]+)$/.exec(url.pathname) ?? [];
  const mail = id && request.method === "GET" ? mailbox.get(id) : undefined;
  return mail ? sendPage(response, 200, mailPage(mail)) : sendPage(response, 404, notFoundPage());
}

function sendPage(response: ServerResponse, status: number, html: string) {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": contentSecurityPolicy,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
  });
  response.end(html);
}

function sendJson(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
