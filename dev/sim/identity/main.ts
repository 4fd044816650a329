import { parseArgs } from "node:util";
import { startIdentity } from "./server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "public-host": { type: "string" },
    "client-id": { type: "string", default: "questioncloud" },
    "client-secret": { type: "string", default: "test_identity_secret" },
    "redirect-uri": { type: "string", multiple: true, default: [] },
  },
});

const identity = await startIdentity({
  port: Number(values.port),
  publicHost: values["public-host"],
  clientId: values["client-id"],
  clientSecret: values["client-secret"],
  redirectUris: values["redirect-uri"],
});
console.log(`identity providers on ${identity.url}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void identity.stop());
}
