import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { putFile } from "#dev/demo/upload.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { type Comment, CommentService } from "#gen/questioncloud/post/v1/comment_pb.ts";
import { type Post, type PostContentSchema, PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { createMarket, type Market, purchaseRequest } from "./market.ts";
import { type Person, signUp, signUpAdmin } from "./people.ts";
import { type Author, present } from "./questions.ts";

/** A user with the clients of boards. */
export interface Member<P extends Person = Person> {
  readonly person: P;
  readonly posts: Client<typeof PostService>;
  readonly comments: Client<typeof CommentService>;
  write(questionId: bigint, parts?: MessageInitShape<typeof PostContentSchema>): Promise<Post>;
  comment(postId: bigint, body?: string): Promise<Comment>;
  /** Uploads a file for a post; returns the id of the upload. */
  upload(questionId: bigint, file: { contentType: string; bytes: Uint8Array<ArrayBuffer> }): Promise<string>;
}

/** A question with its board, the users who may use it, and one who may not. */
export interface Board {
  readonly market: Market;
  readonly questionId: bigint;
  readonly creator: Member<Author>;
  readonly owner: Member;
  readonly outsider: Member;
  /** Has bought nothing. */
  readonly moderator: Member;
  /** Another user who buys these questions. */
  createOwner(questionIds: readonly bigint[]): Promise<Member>;
}

// No test changes these two, so all boards have the same.
let admin: Promise<Person> | undefined;
let outsider: Promise<Person> | undefined;

/** Opens a market with a question that one user has bought. */
export async function openBoard(stack: Stack): Promise<Board> {
  admin ??= signUpAdmin(stack);
  outsider ??= signUp(stack);
  const market = await createMarket(stack, { questionCount: 1, admin });
  const [questionId = 0n] = market.questionIds;
  const createOwner = async (questionIds: readonly bigint[]) => {
    const buyer = await market.createBuyer(10_000n * BigInt(questionIds.length));
    await buyer.pay.purchaseQuestions(purchaseRequest(questionIds));
    return openMember(stack, buyer);
  };
  return {
    market,
    questionId,
    creator: openMember(stack, market.creator),
    owner: await createOwner([questionId]),
    outsider: openMember(stack, await outsider),
    moderator: openMember(stack, market.admin),
    createOwner,
  };
}

/** The clients of boards of a user. */
export function openMember<P extends Person>(stack: Stack, person: P): Member<P> {
  const options = { token: person.token };
  const posts = createPublicClient(stack, PostService, options);
  const comments = createPublicClient(stack, CommentService, options);
  return {
    person,
    posts,
    comments,
    async write(questionId, parts = {}) {
      const content = { title: "2번 보기 질문", body: "왜 정답이 2번인가요?", ...parts };
      const { post } = await posts.createPost({ requestId: crypto.randomUUID(), questionId, content });
      return present(post);
    },
    async comment(postId, body = "감사합니다.") {
      const { comment } = await comments.createComment({ requestId: crypto.randomUUID(), postId, body });
      return present(comment);
    },
    async upload(questionId, { contentType, bytes }) {
      const sizeBytes = BigInt(bytes.length);
      const { upload } = await posts.createUpload({ questionId, contentType, sizeBytes });
      return putFile(upload, bytes);
    },
  };
}
