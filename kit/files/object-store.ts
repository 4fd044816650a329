import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

/** Files in a bucket. */
interface ObjectStore {
  /** An address that takes one file of exactly this size and type with PUT. */
  presignPut(
    key: string,
    file: { contentType: string; sizeBytes: number; lifetimeSeconds: number },
  ): Promise<string>;
  /** An address that gives the file; `downloadName` makes browsers save it under that name. */
  presignGet(key: string, options: { lifetimeSeconds: number; downloadName?: string }): Promise<string>;
  /** Size, type and first bytes of a file, or undefined where there is none. */
  inspect(
    key: string,
    firstBytes: number,
  ): Promise<{ sizeBytes: number; contentType: string; head: Uint8Array } | undefined>;
  copy(fromKey: string, toKey: string): Promise<void>;
  /** Removes a file, if there is one. */
  remove(key: string): Promise<void>;
}

/** Opens a bucket. */
export function createObjectStore(s3: S3Client, bucket: string): ObjectStore {
  return {
    presignPut: (Key, { contentType, sizeBytes, lifetimeSeconds }) =>
      getSignedUrl(
        s3,
        new PutObjectCommand({ Bucket: bucket, Key, ContentType: contentType, ContentLength: sizeBytes }),
        {
          expiresIn: lifetimeSeconds,
          signableHeaders: new Set(["content-type", "content-length"]),
        },
      ),
    presignGet: (Key, { lifetimeSeconds, downloadName }) =>
      getSignedUrl(
        s3,
        new GetObjectCommand({
          Bucket: bucket,
          Key,
          ...(downloadName === undefined
            ? {}
            : {
                ResponseContentDisposition: `attachment; filename*=UTF-8''${encodeName(downloadName)}`,
              }),
        }),
        { expiresIn: lifetimeSeconds },
      ),
    inspect: (key, firstBytes) => inspect(s3, bucket, key, firstBytes),
    copy: async (fromKey, toKey) => {
      await s3.send(
        new CopyObjectCommand({ Bucket: bucket, Key: toKey, CopySource: `${bucket}/${fromKey}` }),
      );
    },
    remove: async Key => {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    },
  };
}

// RFC 8187 leaves fewer characters unescaped than encodeURIComponent does.
function encodeName(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

async function inspect(s3: S3Client, Bucket: string, Key: string, firstBytes: number) {
  try {
    const { ContentLength, ContentType } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    if (ContentLength === 0) {
      // An empty object has no range to read.
      return { sizeBytes: 0, contentType: ContentType ?? "", head: new Uint8Array() };
    }
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, Range: `bytes=0-${firstBytes - 1}` }));
    const head = (await Body?.transformToByteArray())?.subarray(0, firstBytes) ?? new Uint8Array();
    return { sizeBytes: ContentLength ?? 0, contentType: ContentType ?? "", head };
  } catch (error) {
    if (error instanceof Error && (error.name === "NotFound" || error.name === "NoSuchKey")) {
      return undefined;
    }
    throw error;
  }
}
