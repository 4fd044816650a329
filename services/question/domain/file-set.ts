import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";

/** A file that was accepted; the object behind its key never changes. */
export interface StoredFile {
  readonly kind: FileKind;
  readonly key: string;
  readonly contentType: string;
  readonly sizeBytes: number;
}

/** The files of one version of a question, at most one of a kind. */
export type FileSet = readonly StoredFile[];

/** The file of a kind, if there is one. */
export function fileOf(files: FileSet, kind: FileKind): StoredFile | undefined {
  return files.find(file => file.kind === kind);
}

/** The files with one of them added or replaced. */
export function withFile(files: FileSet, file: StoredFile): FileSet {
  return [...files.filter(({ kind }) => kind !== file.kind), file].toSorted((a, b) => a.kind - b.kind);
}

/** What must be uploaded before the question may be sold; the preview is required by Korean law. */
export function missingFiles(files: FileSet): string[] {
  const needed: [string, FileKind][] = [
    ["question", FileKind.QUESTION],
    ["preview", FileKind.PREVIEW],
  ];
  return needed.filter(([, kind]) => fileOf(files, kind) === undefined).map(([name]) => name);
}
