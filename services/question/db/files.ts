import { S3Client } from "@aws-sdk/client-s3";
import { createObjectStore } from "#kit/data/object-store.ts";
import { awsClientOptions } from "#kit/events/aws.ts";
import { createExpiringMap } from "#kit/process/expiring-map.ts";
import type { RuntimeConfig } from "#kit/service/runtime-config.ts";
import type { QuestionConfig } from "../config.ts";
import { type FileSpec, type FoundFile, headBytes } from "../domain/uploaded-file.ts";
import { serviceUnavailable } from "../failures.ts";

/** The files of questions. Every method throws SERVICE_UNAVAILABLE while the bucket is unavailable. */
export interface Files {
  /** The URL to which a client uploads a file under this key. */
  uploadUrl(key: string, spec: FileSpec): Promise<string>;
  /** A URL at which anyone who has it can view the file, for the lifetime of a link. */
  viewUrl(key: string): Promise<string>;
  /** A URL at which the file is downloaded as `name`, for the lifetime of a link. */
  downloadUrl(key: string, name: string): Promise<string>;
  /** The file under a key, or undefined where there is none. */
  inspect(key: string): Promise<FoundFile | undefined>;
  /** Copies a file. Returns false where there is none. */
  copy(fromKey: string, toKey: string): Promise<boolean>;
  close(): void;
}

const maxCachedUrls = 20_000;

/** Opens the bucket. */
export function createFiles(config: QuestionConfig["files"], aws: RuntimeConfig["aws"]): Files {
  const { bucket, linkLifetimeSeconds, linkCacheSeconds } = config;
  const client = createClient(aws);
  const publicClient = createClient({ ...aws, endpoint: config.publicEndpoint ?? aws.endpoint });
  const objects = createObjectStore(client, bucket);
  const urls = createObjectStore(publicClient, bucket);
  const viewUrls = createExpiringMap<string, string>(maxCachedUrls);
  return {
    uploadUrl: (key, spec) =>
      urls.presignPut(key, { ...spec, lifetimeSeconds: config.uploadLifetimeSeconds }),
    async viewUrl(key) {
      const cached = viewUrls.get(key);
      if (cached !== undefined) {
        return cached;
      }
      // Signed for the time in the cache as well, so that a cached URL still lasts as long as promised.
      const url = await urls.presignGet(key, { lifetimeSeconds: linkLifetimeSeconds + linkCacheSeconds });
      viewUrls.set(key, url, Date.now() + linkCacheSeconds * 1000);
      return url;
    },
    downloadUrl: (key, downloadName) =>
      urls.presignGet(key, { lifetimeSeconds: linkLifetimeSeconds, downloadName }),
    inspect: key => requireReachable(objects.inspect(key, headBytes)),
    copy: (fromKey, toKey) => requireReachable(copy(objects.copy(fromKey, toKey))),
    close() {
      client.destroy();
      publicClient.destroy();
    },
  };
}

function createClient(aws: RuntimeConfig["aws"]): S3Client {
  return new S3Client({
    ...awsClientOptions(aws),
    forcePathStyle: aws.endpoint !== undefined,
    // Otherwise a presigned PUT carries the checksum of an empty body, and real S3 refuses every file.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

async function copy(copying: Promise<void>): Promise<boolean> {
  try {
    await copying;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchKey") {
      return false;
    }
    throw error;
  }
}

async function requireReachable<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const status = statusOf(error);
    throw status === undefined || status >= 500 ? serviceUnavailable(error) : error;
  }
}

function statusOf(error: unknown): number | undefined {
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}
