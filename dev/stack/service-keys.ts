import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { serviceNames } from "#kit/contract/contracts.ts";

/** The files with the keys by which services authenticate to each other. */
interface ServiceKeys {
  privateKeyFile(service: string): string;
  /** Holds the public keys of all services. */
  readonly publicKeysFile: string;
}

/** Creates the keys of all services, or finds those of an earlier run. */
export async function createServiceKeys(dir: string): Promise<ServiceKeys> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const privateKeyFile = (service: string) => join(dir, `${service}.jwk`);
  const publicKeysFile = join(dir, "service-public-keys.json");
  const keys: JWK[] = [];
  for (const service of serviceNames) {
    const file = privateKeyFile(service);
    if (!existsSync(file)) {
      const { privateKey } = await generateKeyPair("ES256", { extractable: true });
      writeFileSync(file, JSON.stringify({ ...(await exportJWK(privateKey)), kid: service }), {
        mode: 0o600,
      });
    }
    const { d: _private, ...publicKey } = JSON.parse(readFileSync(file, "utf8")) as JWK;
    keys.push({ ...publicKey, alg: "ES256", use: "sig" });
  }
  writeFileSync(publicKeysFile, JSON.stringify({ keys }));
  return { privateKeyFile, publicKeysFile };
}
