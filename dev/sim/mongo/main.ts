import { parseArgs } from "node:util";
import { startMongo } from "./server.ts";

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, data: { type: "string" } },
});
const server = await startMongo({ port: Number(values.port), dataDir: values.data });
console.log(`mongo listens on ${server.uri}`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void server.stop());
}
