import { create } from "@bufbuild/protobuf";
import {
  FileKind,
  type QuestionContent,
  QuestionContentSchema,
} from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Context } from "#kit/contract/context.ts";
import type { Environment } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { type App, createApp } from "#services/question/app.ts";
import { config } from "#services/question/config.ts";
import { insertDraft } from "#services/question/db/authored.ts";
import { storeCreator } from "#services/question/db/creators.ts";
import { insertNextVersion } from "#services/question/db/versions.ts";
import { contentWith } from "../market/questions.ts";

/** Opens the question service without listeners on the environment of a component test; its files are not read. */
export function openQuestionApp(env: Environment, overrides: Partial<App> = {}): Promise<App> {
  const settings = readConfig({ ...env, QUESTION_BUCKET: "questions" }, config);
  const files = { viewUrl: async (key: string) => key, close: () => {} } as unknown as App["files"];
  return createApp(settings, { files, ...overrides });
}

/** A call of a user to the service. */
export function callOf(userId: bigint, role: "USER" | "ADMIN" = "USER"): Context {
  return {
    caller: { kind: "user", userId, role },
    signal: new AbortController().signal,
    deadlineMs: Date.now() + 15_000,
    requestId: crypto.randomUUID(),
    requestHeaders: new Headers(),
    responseHeaders: new Headers(),
    clientAddress: "127.0.0.1",
  };
}

/** Makes a user a creator, whose id is that of the user. */
export function addCreator({ database }: App, userId: bigint): Promise<void> {
  return storeCreator(database, {
    creatorId: userId,
    userId,
    name: `출제자 ${userId}`,
    profileImageUrl: "",
    version: 1n,
  });
}

/** Writes a draft that has all the files it needs. */
export function addReadyDraft({ database }: App, creatorId: bigint): Promise<bigint> {
  const { $typeName: _, $unknown: __, ...content } = questionContent();
  const files = [FileKind.QUESTION, FileKind.PREVIEW].map(kind => ({
    kind,
    key: `file-${kind}`,
    contentType: "application/pdf",
    sizeBytes: 1,
  }));
  return database.transaction(async tx => {
    const questionId = await insertDraft(tx, { creatorId, requestId: crypto.randomUUID(), content });
    if (questionId === undefined) {
      throw new Error("the draft exists");
    }
    await insertNextVersion(tx, { questionId, version: 1 }, { content, files });
    return questionId;
  });
}

/** Content that is accepted. */
export function questionContent(): QuestionContent {
  return create(QuestionContentSchema, contentWith());
}
