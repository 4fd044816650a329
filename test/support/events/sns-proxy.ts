import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { SNSClient } from "@aws-sdk/client-sns";

/** An entry of a PublishBatch. */
interface SeenEntry {
  readonly id: string;
  readonly body: string;
  /** Body, and names, types and values of the attributes. */
  readonly bytes: number;
}

/** A proxy in front of SNS that records every PublishBatch and refuses what a test wants refused. */
export interface SnsProxy {
  readonly client: SNSClient;
  readonly batches: SeenEntry[][];
  /** True for an entry that is not forwarded and is reported as failed in a response with status 200. */
  refuseEntry: (entry: SeenEntry) => boolean;
  /** True for a batch that is refused as a whole. */
  refuseBatch: (batch: readonly SeenEntry[]) => boolean;
  /** If true, the proxy publishes and then sends a response that mentions no entry. */
  forgetAnswer: boolean;
  stop(): Promise<void>;
}

export async function startSnsProxy(endpoint: string, region: string): Promise<SnsProxy> {
  const server = createServer(async (request, response) => {
    const { status, body } = await answer(proxy, endpoint, request);
    response.writeHead(status, { "content-type": "text/xml" }).end(body);
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy: SnsProxy = {
    client: new SNSClient({ region, endpoint: url, maxAttempts: 1 }),
    batches: [],
    refuseEntry: () => false,
    refuseBatch: () => false,
    forgetAnswer: false,
    async stop() {
      proxy.client.destroy();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return proxy;
}

const error = [
  "<ErrorResponse><Error>",
  "<Type>Sender</Type><Code>InvalidParameter</Code><Message>refused</Message>",
  "</Error></ErrorResponse>",
].join("");
const silence = "<PublishBatchResponse><PublishBatchResult/></PublishBatchResponse>";

async function answer(proxy: SnsProxy, endpoint: string, request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  const form = new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
  const entries = readEntries(form);
  proxy.batches.push(entries.map(({ seen }) => seen));
  if (proxy.refuseBatch(entries.map(({ seen }) => seen))) {
    return { status: 400, body: error };
  }
  const refused = entries.filter(({ seen }) => proxy.refuseEntry(seen));
  const passed = entries.filter(entry => !refused.includes(entry));
  const failed = refused.map(
    ({ seen }) =>
      `<member><Id>${seen.id}</Id><Code>InternalError</Code><Message>try later</Message>` +
      "<SenderFault>false</SenderFault></member>",
  );
  const reply = passed.length === 0 ? silence : await forward(endpoint, request, form, passed);
  const body = proxy.forgetAnswer
    ? silence
    : reply
        .replace(/<Failed>.*<\/Failed>|<Failed\/>/s, "")
        .replace("<PublishBatchResult/>", "<PublishBatchResult></PublishBatchResult>")
        .replace("</PublishBatchResult>", `<Failed>${failed.join("")}</Failed></PublishBatchResult>`);
  return { status: 200, body };
}

interface Entry {
  readonly seen: SeenEntry;
  /** The fields of the entry, without the prefix that has its number. */
  readonly fields: readonly (readonly [string, string])[];
}

const entryField = /^PublishBatchRequestEntries\.member\.(\d+)\.(.+)$/;

function readEntries(form: URLSearchParams): Entry[] {
  const byNumber = Map.groupBy(
    [...form].flatMap(([name, value]) => {
      const match = entryField.exec(name);
      return match === null ? [] : [{ number: match[1], field: [match[2] ?? "", value] as const }];
    }),
    ({ number }) => number,
  );
  return [...byNumber.values()].map(parts => {
    const fields = parts.map(({ field }) => field);
    const value = (wanted: string) => fields.find(([name]) => name === wanted)?.[1] ?? "";
    const counted = fields.filter(([name]) => name !== "Id");
    const bytes = counted.reduce((sum, [, each]) => sum + Buffer.byteLength(each), 0);
    return { seen: { id: value("Id"), body: value("Message"), bytes }, fields };
  });
}

async function forward(
  endpoint: string,
  request: IncomingMessage,
  form: URLSearchParams,
  entries: readonly Entry[],
): Promise<string> {
  const rest = [...form].filter(([name]) => !entryField.test(name));
  const chosen = entries.flatMap(({ fields }, index) =>
    fields.map(([name, value]) => [`PublishBatchRequestEntries.member.${index + 1}.${name}`, value]),
  );
  const answered = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      authorization: request.headers.authorization ?? "",
    },
    body: new URLSearchParams([...rest, ...chosen] as string[][]),
  });
  return answered.text();
}
