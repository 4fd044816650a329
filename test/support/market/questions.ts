import { randomBytes, randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { type OutgoingFile, uploadFile } from "#dev/demo/upload.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import {
  AuthoringService,
  type EditableQuestion,
  FileKind,
  type QuestionContentSchema,
} from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { PromotionService } from "#gen/questioncloud/question/v1/promotion_pb.ts";
import { QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { type Person, signUp } from "./people.ts";

/** A user who sells questions. */
export interface Author extends Person {
  readonly creatorId: bigint;
  readonly name: string;
  readonly creators: Client<typeof CreatorService>;
  readonly authoring: Client<typeof AuthoringService>;
  readonly promotions: Client<typeof PromotionService>;
}

/** What a creator writes, in part. */
export type ContentInit = MessageInitShape<typeof QuestionContentSchema>;

/** Children of the curriculum of mathematics and chemistry. */
export const categories = { logarithms: 2n, trigonometry: 4n, limits: 9n, moles: 33n, parent: 1n } as const;

/** Signs up a user and registers a creator with a name of its own. */
export async function signUpAuthor(stack: Stack): Promise<Author> {
  const person = await signUp(stack, "출제자");
  const name = `출제자 ${randomUUID().slice(0, 18)}`;
  const options = { token: person.token };
  const creators = createPublicClient(stack, CreatorService, options);
  const { creator } = await creators.registerCreator({
    content: {
      name,
      profileImageUrl: "https://images.example/author.png",
      mainSubject: Subject.MATHEMATICS,
      introduction: "좋은 문항을 만듭니다.",
    },
  });
  return {
    ...person,
    creatorId: creator?.creatorId ?? 0n,
    name,
    creators,
    authoring: createPublicClient(stack, AuthoringService, options),
    promotions: createPublicClient(stack, PromotionService, options),
  };
}

/** Content that is accepted; `parts` replace some of it. */
export function contentWith(parts: ContentInit = {}): ContentInit {
  return {
    title: "지수와 로그 12번",
    description: "로그의 성질을 묻는 문항입니다.",
    subject: Subject.MATHEMATICS,
    categoryId: categories.logarithms,
    type: QuestionType.SELF_MADE,
    level: 3,
    pricePoints: 1000n,
    ...parts,
  };
}

/** Makes a draft. */
export async function writeDraft({ authoring }: Author, parts: ContentInit = {}): Promise<EditableQuestion> {
  const { question } = await authoring.createQuestion({
    requestId: randomUUID(),
    content: contentWith(parts),
  });
  return present(question);
}

/** A question on sale with a file and a preview. */
export async function publishQuestion(author: Author, parts: ContentInit = {}): Promise<EditableQuestion> {
  const { questionId } = await writeDraft(author, parts);
  await uploadFile(author.authoring, questionId, pdfFile(FileKind.QUESTION));
  await uploadFile(author.authoring, questionId, pngFile(FileKind.PREVIEW));
  const { question } = await author.authoring.publishQuestion({ questionId });
  return present(question);
}

/** A file that looks like a PDF, different each time. */
export function pdfFile(kind: FileKind): OutgoingFile {
  return { kind, contentType: "application/pdf", bytes: pdfBytes() };
}

/** A file that looks like a PNG, different each time. */
export function pngFile(kind: FileKind): OutgoingFile {
  return { kind, contentType: "image/png", bytes: pngBytes() };
}

/** Bytes that look like a PDF, different each time. */
export const pdfBytes = () => bytesAfter("255044462d");

/** Bytes that look like a PNG, different each time. */
export const pngBytes = () => bytesAfter("89504e470d0a1a0a");

function bytesAfter(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat([Buffer.from(hex, "hex"), randomBytes(64)]));
}

/** Fails where there is nothing. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("the answer is incomplete");
  }
  return value;
}
