import { S3Client } from "@aws-sdk/client-s3";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type { UploadSchema } from "#gen/questioncloud/common/v1/upload_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { awsClientOptions, type awsConfig } from "#kit/events/aws.ts";
import { type FileSpec, type FoundFile, headBytes } from "#kit/files/file-spec.ts";
import type { FilesConfig } from "#kit/files/files-config.ts";
import { createObjectStore } from "#kit/files/object-store.ts";
import type { Config } from "#kit/process/config.ts";
import { createExpiringMap } from "#kit/process/expiring-map.ts";

/** The files of a service. Every method throws SERVICE_UNAVAILABLE while the bucket is unavailable. */
export interface Files {
  /** The key to which a client uploads. Until its URL expires, the client may upload another file to it. */
  stagingKey(uploadId: string): string;
  /** Where and how a client uploads a file. */
  toUpload(uploadId: string, spec: FileSpec): Promise<MessageInitShape<typeof UploadSchema>>;
  /** A URL at which anyone who has it can view the file, for the lifetime of a link. */
  viewUrl(key: string): Promise<string>;
  /** A URL at which the file is downloaded as `name`, for the lifetime of a link. */
  downloadUrl(key: string, name: string): Promise<string>;
  /** The file under a key, or undefined where there is none. */
  inspect(key: string): Promise<FoundFile | undefined>;
  /** Copies a file. Returns false where there is none. */
  copy(fromKey: string, toKey: string): Promise<boolean>;
  /** Removes a file, if there is one. */
  remove(key: string): Promise<void>;
  close(): void;
}

type AwsConfig = Config<typeof awsConfig>;

const maxCachedUrls = 20_000;

/** Opens the bucket. */
export function createFiles(config: FilesConfig, aws: AwsConfig): Files {
  const { bucket, linkLifetimeSeconds, linkCacheSeconds } = config;
  const client = createClient(aws);
  const publicClient = createClient({ ...aws, endpoint: config.publicEndpoint ?? aws.endpoint });
  const objects = createObjectStore(client, bucket);
  const urls = createObjectStore(publicClient, bucket);
  const viewUrls = createExpiringMap<string, string>(maxCachedUrls);
  return {
    stagingKey,
    async toUpload(uploadId, spec) {
      const lifetimeSeconds = config.uploadLifetimeSeconds;
      const expireTime = timestampFromMs(Date.now() + lifetimeSeconds * 1000);
      const url = await urls.presignPut(stagingKey(uploadId), { ...spec, lifetimeSeconds });
      return { uploadId, url, headers: { "content-type": spec.contentType }, expireTime };
    },
    async viewUrl(key) {
      const cached = viewUrls.get(key);
      if (cached !== undefined) {
        return cached;
      }
      // Signed for the time in the cache as well, so that a cached URL still lasts as long as promised.
      const url = await urls.presignGet(key, { lifetimeSeconds: linkLifetimeSeconds + linkCacheSeconds });
      viewUrls.set(key, url, linkCacheSeconds * 1000);
      return url;
    },
    downloadUrl: (key, downloadName) =>
      urls.presignGet(key, { lifetimeSeconds: linkLifetimeSeconds, downloadName }),
    inspect: key => requireReachable(objects.inspect(key, headBytes)),
    remove: key => requireReachable(objects.remove(key)),
    copy: (fromKey, toKey) => requireReachable(copy(objects.copy(fromKey, toKey))),
    close() {
      client.destroy();
      publicClient.destroy();
    },
  };
}

function stagingKey(uploadId: string): string {
  return `staging/${uploadId}`;
}

function createClient(aws: AwsConfig): S3Client {
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
    throw status === undefined || status >= 500 ? unavailable(error) : error;
  }
}

function unavailable(cause: unknown): Failure {
  return new Failure(Reason.SERVICE_UNAVAILABLE, { cause });
}

function statusOf(error: unknown): number | undefined {
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}
