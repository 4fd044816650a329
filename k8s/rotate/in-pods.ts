import { createHash } from "node:crypto";
import type { Kubectl } from "../cluster/kubectl.ts";
import { podsOf } from "../cluster/pods.ts";
import { ports } from "../objects/names.ts";

/** A call to the grpc listener of a pod, without a message. */
interface Call {
  /** `package.Service/Method`. */
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

const unauthenticated = 16;

// Runs in a pod, where there is Node.js and no shell; others may not connect to the listener.
const callScript = `
const { connect } = require("node:http2");
const session = connect("http://127.0.0.1:${ports.grpc}");
const call = ({ method, headers }) => new Promise((resolve, reject) => {
  const own = { ":method": "POST", ":path": "/" + method, "content-type": "application/grpc", te: "trailers" };
  const stream = session.request({ ...own, ...headers });
  let status;
  const read = answer => { status = answer["grpc-status"] ?? status; };
  stream.on("response", read).on("trailers", read).on("error", reject).on("close", () => resolve(Number(status)));
  stream.resume().end(Buffer.alloc(5));
});
Promise.all(JSON.parse(process.argv[1]).map(call)).then(statuses => {
  console.log(JSON.stringify(statuses));
  session.close();
});
`;

const hashScript = `
const { createHash } = require("node:crypto");
const { env } = require("node:process");
const hash = value => createHash("sha256").update(value).digest("hex");
console.log(JSON.stringify((env[process.argv[1]] ?? "").split(",").map(hash)));
`;

const keyScript = `console.log(JSON.stringify(JSON.parse(require("node:fs").readFileSync(process.argv[1])).kid))`;

/** Whether each pod of a part takes each of the calls, whatever it answers but that the caller is unknown. */
export async function isCalled(kubectl: Kubectl, part: string, calls: readonly Call[]): Promise<boolean[]> {
  const statuses = await inEach<number[]>(kubectl, part, callScript, JSON.stringify(calls));
  return statuses.flat().map(status => status !== unauthenticated);
}

/** What a variable holds in each pod of a part, as hashes of the parts between commas. */
export function hashesIn(kubectl: Kubectl, part: string, variable: string): Promise<string[][]> {
  return inEach(kubectl, part, hashScript, variable);
}

/** How a value appears among the hashes. */
export function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}

/** The name of the key in a file, in each pod of a part. */
export function keyNamesIn(kubectl: Kubectl, part: string, file: string): Promise<string[]> {
  return inEach(kubectl, part, keyScript, file);
}

/** Runs a script in each pod of a part, and returns what each printed. */
async function inEach<T>(kubectl: Kubectl, part: string, script: string, argument: string): Promise<T[]> {
  const printed: T[] = [];
  for (const pod of await podsOf(kubectl, part)) {
    printed.push(JSON.parse(await kubectl(["exec", pod, "--", "node", "--eval", script, argument])));
  }
  return printed;
}
