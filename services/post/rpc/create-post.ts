import { toBinary } from "@bufbuild/protobuf";
import {
  type CreatePostRequest,
  type PostContent,
  PostContentSchema,
  type PostService,
} from "#gen/questioncloud/post/v1/post_pb.ts";
import type { QuestionAccess } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Queryable, Tx } from "#kit/data/database.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { acceptFiles, checkFiles, storeWithFiles } from "../accept-files.ts";
import type { App } from "../app.ts";
import { findByRequest, insertPost } from "../db/posts.ts";
import { requestIdReused, uploadNotFound } from "../failures.ts";
import { notify } from "../notify.ts";
import { requestHash } from "../request-hash.ts";
import { requireBoard } from "../require-board.ts";
import { showPost } from "../show-post.ts";

export function createPost(app: Dependencies): Handler<typeof PostService.method.createPost> {
  return async (request, context) => {
    const board = await requireBoard(app, request.questionId, context);
    const known = await findRepeated(app.database, request, userIdOf(context));
    const postId = known ?? (await writePost(app, request, board, userIdOf(context)));
    return showPost(app, postId, board, context);
  };
}

async function writePost(
  app: Dependencies,
  request: CreatePostRequest,
  { questionId, creatorId, creatorUserId }: QuestionAccess,
  writerId: bigint,
): Promise<bigint> {
  const { title, body, files: named } = contentOf(request);
  const checked = await checkFiles(app, writerId, named, []);
  const store = async (tx: Tx) => {
    const files = await acceptFiles(tx, checked);
    const written = { questionId, creatorId, writerId, title, body };
    const { requestId } = request;
    const postId =
      files && (await insertPost(tx, { ...written, files, requestId, requestHash: hashOf(request) }));
    if (postId !== undefined) {
      const subject = { kind: "NEW_POST", questionId, postId, commentId: null } as const;
      await notify(app, tx, subject, writerId === creatorUserId ? [] : [creatorUserId]);
      return postId;
    }
    // The same request was faster, or a file belongs to another post.
    const known = await findRepeated(tx, request, writerId);
    if (known === undefined) {
      throw uploadNotFound();
    }
    return known;
  };
  return storeWithFiles(app, checked, () => app.database.transaction(store));
}

async function findRepeated(
  from: Queryable,
  request: CreatePostRequest,
  writerId: bigint,
): Promise<bigint | undefined> {
  const known = await findByRequest(from, writerId, request.requestId);
  if (known !== undefined && !known.requestHash.equals(hashOf(request))) {
    throw requestIdReused();
  }
  return known?.postId;
}

function hashOf(request: CreatePostRequest): Buffer {
  return requestHash(request.questionId, toBinary(PostContentSchema, contentOf(request)));
}

function contentOf({ content }: CreatePostRequest): PostContent {
  if (content === undefined) {
    throw new TypeError("the contract requires content");
  }
  return content;
}

type Dependencies = Pick<App, "database" | "outbox" | "config" | "files" | "entitlements" | "userDirectory">;
