import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Issues certificates for addresses on loopback. */
export interface Authority {
  /** PEM file of its own certificate. */
  readonly caFile: string;
  /** Writes a new certificate and its key to the files of `holder`, which is done when both are there. */
  issue(holder: string): Promise<{ certFile: string; keyFile: string }>;
}

/** Makes an authority in `folder`, which holds the files of its holders as well. */
export async function makeAuthority(folder: string, name: string): Promise<Authority> {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const openssl = (...args: string[]) => run("openssl", args, { cwd: own });
  await openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.crt", "-subj", `/CN=${name}`);
  writeFileSync(join(own, "names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  return {
    caFile: join(own, "ca.crt"),
    async issue(holder) {
      const files = { certFile: join(folder, `${holder}.crt`), keyFile: join(folder, `${holder}.key`) };
      const request = ["-keyout", `${holder}.key`, "-out", `${holder}.csr`, "-subj", `/CN=${holder}`];
      await openssl("req", ...newKey, ...request);
      const signed = ["-in", `${holder}.csr`, "-out", `${holder}.crt`, "-extfile", "names", "-days", "1"];
      // A number by chance, because two may be issued at once.
      const serial = `0x${randomBytes(16).toString("hex")}`;
      await openssl("x509", "-req", "-CA", "ca.crt", "-CAkey", "ca.key", "-set_serial", serial, ...signed);
      renameSync(join(own, `${holder}.key`), files.keyFile);
      renameSync(join(own, `${holder}.crt`), files.certFile);
      return files;
    },
  };
}
