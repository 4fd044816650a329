import { parseArgs } from "node:util";
import { startPsp } from "./server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "secret-key": { type: "string", default: "test_sk_questioncloud" },
    "client-key": { type: "string", default: "test_ck_questioncloud" },
    "webhook-url": { type: "string" },
    "data-dir": { type: "string" },
    "allowed-origin": { type: "string", multiple: true, default: [] },
    "ready-ms": { type: "string" },
    "in-progress-ms": { type: "string" },
    "cancel-gap-ms": { type: "string" },
    "retry-unit-ms": { type: "string" },
  },
});

const psp = await startPsp({
  port: toNumber("port", values.port),
  secretKey: values["secret-key"],
  clientKey: values["client-key"],
  allowedOrigins: values["allowed-origin"],
  ...(values["webhook-url"] && { webhookUrl: values["webhook-url"] }),
  ...(values["data-dir"] && { dataDir: values["data-dir"] }),
  ...(values["ready-ms"] && { readyMs: toNumber("ready-ms", values["ready-ms"]) }),
  ...(values["in-progress-ms"] && { inProgressMs: toNumber("in-progress-ms", values["in-progress-ms"]) }),
  ...(values["cancel-gap-ms"] && { cancelGapMs: toNumber("cancel-gap-ms", values["cancel-gap-ms"]) }),
  ...(values["retry-unit-ms"] && { retryUnitMs: toNumber("retry-unit-ms", values["retry-unit-ms"]) }),
});
console.log(`PSP on ${psp.url}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void psp.stop());
}

function toNumber(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) {
    throw new Error(`--${flag} takes a whole number, not "${text}"`);
  }
  return number;
}
