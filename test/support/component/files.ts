import type { FoundFile } from "#kit/files/file-spec.ts";
import type { Files } from "#kit/files/files.ts";

/** Files in memory, by key. */
export function filesInMemory(bucket: Map<string, FoundFile>): Files {
  const notUsed = () => Promise.reject(new Error("not used"));
  return {
    stagingKey: uploadId => `staging/${uploadId}`,
    toUpload: notUsed,
    viewUrl: async key => key,
    downloadUrl: notUsed,
    inspect: async key => bucket.get(key),
    async copy(fromKey, toKey) {
      const file = bucket.get(fromKey);
      return file !== undefined && bucket.set(toKey, file) !== undefined;
    },
    remove: async key => void bucket.delete(key),
    close() {},
  };
}
