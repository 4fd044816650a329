import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Identity } from "../cluster/authority.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import { runInEachPod } from "../cluster/run-in-pods.ts";
import { certificatesPath, ports } from "../objects/names.ts";

/** A call to the grpc listener of a pod, without a message. */
interface Call {
  /** `package.Service/Method`. */
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

const unauthenticated = 16;
// DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED and UNAVAILABLE say nothing about the caller.
const busyStatuses: readonly number[] = [4, 8, 14];
const attempts = 5;

// Runs inside the pod: network policies keep others from its listener.
const callScript = `
const { existsSync, readFileSync } = require("node:fs");
const { connect } = require("node:http2");
const read = name => readFileSync("${certificatesPath}/" + name);
const options = existsSync("${certificatesPath}")
  ? ["https", { cert: read("tls.crt"), key: read("tls.key"), rejectUnauthorized: false }]
  : ["http", {}];
const session = connect(options[0] + "://127.0.0.1:${ports.grpc}", options[1]);
const call = ({ method, headers }) => new Promise((resolve, reject) => {
  const own = { ":method": "POST", ":path": "/" + method, "content-type": "application/grpc", te: "trailers" };
  const stream = session.request({ ...own, ...headers });
  let status;
  const read = answer => { status = answer["grpc-status"] ?? status; };
  stream.on("response", read).on("trailers", read).on("error", reject).on("close", () => resolve(Number(status)));
  stream.resume().end(Buffer.alloc(5));
});
Promise.all(JSON.parse(input).map(call)).then(statuses => {
  console.log(JSON.stringify(statuses));
  session.close();
});
`;

const hashScript = `
const { createHash } = require("node:crypto");
const { env } = require("node:process");
const hash = value => createHash("sha256").update(value).digest("hex");
console.log(JSON.stringify((env[input] ?? "").split(",").map(hash)));
`;

// A server refuses a client certificate after the handshake, so only data shows that it was accepted.
const handshakeScript = `
const { connect } = require("node:tls");
const identity = JSON.parse(input);
const options = { host: "127.0.0.1", port: ${ports.grpc}, ALPNProtocols: ["h2"], rejectUnauthorized: false };
const socket = connect({ ...options, cert: identity.certificate, key: identity.key });
let issuer = "";
const end = accepted => {
  console.log(JSON.stringify({ accepted, issuer }));
  process.exit();
};
socket.on("secureConnect", () => { issuer = socket.getPeerCertificate().issuer.CN; });
socket.on("data", () => end(true)).on("error", () => end(false)).on("close", () => end(false));
`;

const keyScript = `console.log(JSON.stringify(JSON.parse(require("node:fs").readFileSync(input)).kid))`;

/** Whether each pod accepts each call; every status but UNAUTHENTICATED counts. */
export async function acceptedInPods(
  kubectl: Kubectl,
  part: string,
  calls: readonly Call[],
): Promise<boolean[][]> {
  const ask = () => runInEachPod<number[]>(kubectl, part, callScript, JSON.stringify(calls));
  const statuses = await askAgain(ask, all => all.flat().find(status => busyStatuses.includes(status)));
  return calls.map((_, index) => statuses.map(all => all[index] !== unauthenticated));
}

/** Asks again, a few times, while `busyStatusIn` finds a busy status in the answer. */
export async function askAgain<T>(
  ask: () => Promise<T>,
  busyStatusIn: (answer: T) => number | undefined,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask();
    const status = busyStatusIn(answer);
    if (status === undefined) {
      return answer;
    }
    if (attempt === attempts) {
      throw new Error(`not answered ${attempts} times, at last with status ${status}`);
    }
    await sleep(1000);
  }
}

/** Whether each pod of a part accepts the certificate of a caller, and who issued the certificate that it shows. */
export function handshakesWith(
  kubectl: Kubectl,
  part: string,
  identity: Identity,
): Promise<{ accepted: boolean; issuer: string }[]> {
  return runInEachPod(kubectl, part, handshakeScript, JSON.stringify(identity));
}

/** The hashes of the comma-separated values of a variable, in each pod of a part. */
export function hashesIn(kubectl: Kubectl, part: string, variable: string): Promise<string[][]> {
  return runInEachPod(kubectl, part, hashScript, variable);
}

/** The hash of one value, as in `hashesIn`. */
export function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}

/** The `kid` of the key in a file, in each pod of a part. */
export function keyNamesIn(kubectl: Kubectl, part: string, file: string): Promise<string[]> {
  return runInEachPod(kubectl, part, keyScript, file);
}
