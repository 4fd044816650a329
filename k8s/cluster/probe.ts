import { createConnection } from "mariadb";
import { createProgressLog } from "#dev/stack/progress.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { gatewayDrainPort, gatewayPort, ports, sitePort } from "../objects/names.ts";
import { connections } from "../objects/policies.ts";
import { namespace, requireRunningStack } from "./deploy.ts";
import { kubectlOf } from "./kubectl.ts";
import { servingParts } from "./pods.ts";
import { refusedFor } from "./refused-for.ts";
import { runInPod } from "./run-in-pods.ts";

interface Target {
  readonly host: string;
  readonly port: number;
}

/** What pods must not reach, whatever else they may. */
const outside: readonly (Target & { readonly what: string })[] = [
  { what: "the API server", host: "kubernetes.default.svc", port: 443 },
  { what: "the metadata service of a cloud", host: "169.254.169.254", port: 80 },
  { what: "the internet", host: "1.1.1.1", port: 443 },
];

const inside: readonly Target[] = [
  ...serviceNames.flatMap(host => Object.values(ports).map(port => ({ host, port }))),
  { host: "site", port: sitePort },
  ...[gatewayPort, gatewayDrainPort].map(port => ({ host: "gateway", port })),
];

// A policy answers with a refusal or not at all; a name that is not found is neither.
const script = `
const { connect } = require("node:net");
const { lookup } = require("node:dns/promises");
const reaches = async ({ host, port }) => {
  const { address } = await lookup(host);
  return new Promise(resolve => {
    const socket = connect({ host: address, port, timeout: 4000 });
    const end = result => { socket.destroy(); resolve(result); };
    socket.on("connect", () => end(true)).on("timeout", () => end(false)).on("error", () => end(false));
  });
};
Promise.all(JSON.parse(input).map(reaches)).then(results => console.log(JSON.stringify(results)));
`;

/** Tries every connection from every service and compares what opens with what the contracts allow. */
export async function probe(kubeconfig: string, stores: string): Promise<number> {
  const { log, end } = createProgressLog();
  const kubectl = kubectlOf(kubeconfig, namespace);
  const allowed = new Set(connections().map(({ from, to, port }) => `${from} -> ${to}:${port}`));
  const parts = await servingParts(kubectl);
  const problems: string[] = [];
  for (const from of serviceNames) {
    const targets = [...inside.filter(({ host }) => host !== from && parts.includes(host)), ...outside];
    const opened = await runInPod<boolean[]>(kubectl, `deployment/${from}`, script, JSON.stringify(targets));
    const names = targets.map(({ host, port }) => `${from} -> ${host}:${port}`);
    const wrong = names.filter((name, index) => opened[index] !== allowed.has(name));
    problems.push(...wrong.map(name => `${name} is ${allowed.has(name) ? "refused" : "open"}`));
    const open = opened.filter(Boolean).length;
    log(`${from}: ${open} connections open, ${targets.length - open} refused`);
  }
  log(`refused to every service: ${outside.map(({ what }) => what).join(", ")}`);
  problems.push(...(await foreignSchemas(requireRunningStack(stores).env)));
  log(`the user of each database was tried on the schemas of all others`);
  end();
  process.stdout.write(problems.length === 0 ? "As the contracts say.\n" : `${problems.join("\n")}\n`);
  return problems.length === 0 ? 0 : 1;
}

/** The schemas that a service's user may use besides its own. */
async function foreignSchemas(env: Readonly<Record<string, string>>): Promise<string[]> {
  const found: string[] = [];
  for (const service of serviceNames) {
    const connection = await createConnection(env[`${service.toUpperCase()}_DATABASE_URL`] ?? "");
    for (const schema of [...serviceNames, "mysql"].filter(name => name !== service)) {
      const answer = await connection
        .query(`USE \`${schema}\``)
        .catch(refusedFor("ER_DBACCESS_DENIED_ERROR"));
      if (answer !== undefined) {
        found.push(`the database user of ${service} may use the schema ${schema}`);
      }
    }
    await connection.end();
  }
  return found;
}
