import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ChannelCredentials, experimental, ServerCredentials } from "@grpc/grpc-js";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";

interface CertificateOptions {
  /** PEM files of this service's certificate, with those that lead to its authority, and of its key. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** PEM file of the authorities of all services. */
  readonly caFile?: string | undefined;
  /** How often the files are read again. */
  readonly reloadMs: number;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "certificateExpiry">;
}

/** How a service proves who it is on its connections, and checks who is at the other end. */
export interface Certificates {
  /** Cleartext without a certificate; with an authority as well, callers must show a certificate, too. */
  readonly server: ServerCredentials;
  /** Cleartext without an authority. */
  readonly client: ChannelCredentials;
  stop(): void;
}

type Identity = experimental.IdentityCertificateUpdate;
type Authority = experimental.CaCertificateUpdate;

interface Loaded {
  readonly identity: Identity | null;
  readonly authority: Authority | null;
}

/**
 * Reads certificates, and reads them again while they are used: new connections take the latest, open ones end by
 * their age. Files that are missing or do not belong together, as in the middle of a change, leave the last good ones.
 */
export function createCertificates(options: CertificateOptions): Certificates {
  const { caFile, reloadMs, log } = options;
  let loaded = load(options);
  const identityListeners = new Set<experimental.IdentityCertificateUpdateListener>();
  const authorityListeners = new Set<experimental.CaCertificateUpdateListener>();
  const timer = setInterval(() => {
    try {
      const next = load(options);
      if (!isSame(loaded, next)) {
        loaded = next;
        for (const listener of identityListeners) {
          listener(next.identity);
        }
        for (const listener of authorityListeners) {
          listener(next.authority);
        }
        log.info("certificates reloaded");
      }
    } catch (error) {
      log.error({ err: error }, "certificates not reloaded");
    }
  }, reloadMs).unref();
  const provider: experimental.CertificateProvider = {
    addIdentityCertificateListener(listener) {
      identityListeners.add(listener);
      process.nextTick(() => listener(loaded.identity));
    },
    removeIdentityCertificateListener: listener => identityListeners.delete(listener),
    addCaCertificateListener(listener) {
      authorityListeners.add(listener);
      process.nextTick(() => listener(loaded.authority));
    },
    removeCaCertificateListener: listener => authorityListeners.delete(listener),
  };
  const authority = caFile === undefined ? null : provider;
  const identity = loaded.identity === null ? null : provider;
  return {
    server:
      identity === null
        ? ServerCredentials.createInsecure()
        : experimental.createCertificateProviderServerCredentials(
            authority as never,
            identity,
            authority !== null,
          ),
    client:
      authority === null
        ? ChannelCredentials.createInsecure()
        : experimental.createCertificateProviderChannelCredentials(authority, identity),
    stop: () => clearInterval(timer),
  };
}

function load({ certFile, keyFile, caFile, metrics }: CertificateOptions): Loaded {
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new Error("a certificate needs its key, and a key its certificate");
  }
  const identity = certFile === undefined || keyFile === undefined ? null : loadIdentity(certFile, keyFile);
  const authority = caFile === undefined ? null : { caCertificate: readFileSync(caFile) };
  const certificates = { own: identity?.certificate, authority: authority?.caCertificate };
  for (const [certificate, text] of Object.entries(certificates)) {
    if (text !== undefined) {
      metrics.certificateExpiry.set({ certificate }, Date.parse(new X509Certificate(text).validTo) / 1000);
    }
  }
  return { identity, authority };
}

function loadIdentity(certFile: string, keyFile: string): Identity {
  const identity = { certificate: readFileSync(certFile), privateKey: readFileSync(keyFile) };
  if (!new X509Certificate(identity.certificate).checkPrivateKey(createPrivateKey(identity.privateKey))) {
    throw new Error(`${keyFile} is not the key of ${certFile}`);
  }
  return identity;
}

function isSame(one: Loaded, other: Loaded): boolean {
  const texts = ({ identity, authority }: Loaded) =>
    [identity?.certificate, identity?.privateKey, authority?.caCertificate].map(String).join();
  return texts(one) === texts(other);
}
