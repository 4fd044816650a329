import { parseArgs } from "node:util";
import { startMail } from "./server.ts";

const { values } = parseArgs({
  options: { smtp: { type: "string" }, http: { type: "string" }, data: { type: "string" } },
});
const mail = await startMail({
  smtpPort: Number(values.smtp),
  httpPort: Number(values.http),
  dataDir: values.data,
});
console.log(`mail: ${mail.smtpUrl}, shown at ${mail.url}`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => mail.stop());
}
