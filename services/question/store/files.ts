import { S3Client } from "@aws-sdk/client-s3";
import { awsClientOptions } from "#kit/aws.ts";
import type { FloorConfig } from "#kit/floor-config.ts";
import { createObjectStore } from "#kit/object-store.ts";
import type { QuestionConfig } from "../config.ts";
import { createExpiringMap } from "../expiring-map.ts";
import { away } from "../failures.ts";
import { type AnnouncedFile, type FoundFile, headBytes } from "../uploaded-file.ts";

/** The files of questions. Every method throws SERVICE_UNAVAILABLE while the bucket is away. */
export interface Files {
  /** Where a client sends a file under this key. */
  uploadAddress(key: string, file: AnnouncedFile): Promise<string>;
  /** Where anybody who has the address sees the file, for as long as links last. */
  showAddress(key: string): Promise<string>;
  /** Where the file is downloaded under `name`, for as long as links last. */
  downloadAddress(key: string, name: string): Promise<string>;
  /** What lies under a key, or undefined where there is nothing. */
  look(key: string): Promise<FoundFile | undefined>;
  /** Copies a file. Returns false where there is none. */
  copy(fromKey: string, toKey: string): Promise<boolean>;
  close(): void;
}

type AwsConfig = Pick<FloorConfig, "AWS_REGION" | "AWS_ENDPOINT_URL">;

const rememberedAddresses = 20_000;

/** Opens the bucket. */
export function openFiles(config: QuestionConfig, aws: AwsConfig): Files {
  const inside = createClient(aws, aws.AWS_ENDPOINT_URL);
  const outside = createClient(aws, config.QUESTION_S3_PUBLIC_ENDPOINT ?? aws.AWS_ENDPOINT_URL);
  const objects = createObjectStore(inside, config.QUESTION_BUCKET);
  const addresses = createObjectStore(outside, config.QUESTION_BUCKET);
  const cacheSeconds = config.QUESTION_LINK_CACHE_SECONDS;
  const shown = createExpiringMap<string, string>({
    maxEntries: rememberedAddresses,
    freshMs: cacheSeconds * 1000,
  });
  return {
    uploadAddress: (key, file) =>
      addresses.presignPut(key, { ...file, lifetimeSeconds: config.QUESTION_UPLOAD_LIFETIME_SECONDS }),
    async showAddress(key) {
      const known = shown.fresh(key);
      if (known !== undefined) {
        return known;
      }
      // Signed for longer than promised by as long as it is remembered.
      const lifetimeSeconds = config.QUESTION_LINK_LIFETIME_SECONDS + cacheSeconds;
      const address = await addresses.presignGet(key, { lifetimeSeconds });
      shown.set(key, address);
      return address;
    },
    downloadAddress: (key, downloadName) =>
      addresses.presignGet(key, { lifetimeSeconds: config.QUESTION_LINK_LIFETIME_SECONDS, downloadName }),
    look: key => reach(objects.inspect(key, headBytes)),
    copy: (fromKey, toKey) => reach(copy(objects.copy(fromKey, toKey))),
    close() {
      inside.destroy();
      outside.destroy();
    },
  };
}

function createClient(config: AwsConfig, endpoint: string | undefined): S3Client {
  return new S3Client({
    ...awsClientOptions(config),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
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

async function reach<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const status = statusOf(error);
    throw status === undefined || status >= 500 ? away(error) : error;
  }
}

function statusOf(error: unknown): number | undefined {
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}
