import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CommentSchema } from "#gen/questioncloud/post/v1/comment_pb.ts";
import { userIdOf, type WorkContext } from "#kit/contract/context.ts";
import { readPublicUsers } from "#kit/rpc/public-users.ts";
import type { App } from "./app.ts";
import { findComment } from "./db/comments.ts";
import { notFound } from "./failures.ts";
import { toComment } from "./to-proto.ts";

/** A comment as it is now, for a caller who may use its board. */
export async function showComment(
  { database, userDirectory }: Pick<App, "database" | "userDirectory">,
  commentId: bigint,
  context: WorkContext,
): Promise<{ comment: MessageInitShape<typeof CommentSchema> }> {
  const comment = await findComment(database, commentId);
  if (comment === undefined) {
    throw notFound();
  }
  const writers = await readPublicUsers(userDirectory, [comment.writerId], context);
  return { comment: toComment(comment, writers, userIdOf(context)) };
}
