import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../node/run.ts";

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** Signs certificates of services. */
export interface Authority {
  /** Its own certificate, as PEM. */
  readonly certificate: string;
  /** Makes a key and a certificate for both ends of a call, until a time. */
  issue(holder: string, end: Date): Promise<Identity>;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

// `openssl x509` knows days alone.
const config = `
[ca]
default_ca = own
[own]
database = issued
new_certs_dir = .
certificate = ca.crt
private_key = ca.key
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
x509_extensions = holder
[any]
commonName = supplied
[holder]
keyUsage = digitalSignature
extendedKeyUsage = serverAuth,clientAuth
`;

/** The authority in a folder; makes it where there is none. */
export async function openAuthority(folder: string): Promise<Authority> {
  const openssl = (...args: string[]) => run("openssl", args, { cwd: folder });
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  if (!existsSync(join(folder, "ca.crt"))) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "ca.cnf"), config);
    writeFileSync(join(folder, "issued"), "");
    const own = [
      "-keyout",
      "ca.key",
      "-out",
      "ca.crt",
      "-days",
      "365",
      "-subj",
      `/CN=services ${Date.now()}`,
    ];
    await openssl("req", "-x509", ...newKey, ...own);
  }
  return {
    certificate: read("ca.crt"),
    async issue(holder, end) {
      const request = ["-keyout", `${holder}.key`, "-out", `${holder}.csr`, "-subj", `/CN=${holder}`];
      await openssl("req", "-new", ...newKey, ...request, "-addext", `subjectAltName=DNS:${holder}`);
      const until = end.toISOString().replace(/[-:T]|\.\d+/g, "");
      const signed = ["-in", `${holder}.csr`, "-out", `${holder}.crt`, "-enddate", until];
      await openssl("ca", "-batch", "-notext", "-config", "ca.cnf", ...signed);
      return { certificate: read(`${holder}.crt`), key: read(`${holder}.key`) };
    },
  };
}
