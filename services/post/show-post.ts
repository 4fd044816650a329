import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PostSchema } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { QuestionAccess } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { userIdOf, type WorkContext } from "#kit/contract/context.ts";
import { readPublicUsers } from "#kit/rpc/public-users.ts";
import type { App } from "./app.ts";
import { findPost } from "./db/posts.ts";
import { notFound } from "./failures.ts";
import { toPost } from "./to-proto.ts";

/** A post as it is now, for a caller who may use its board. */
export async function showPost(
  { database, userDirectory }: Pick<App, "database" | "userDirectory">,
  postId: bigint,
  board: QuestionAccess,
  context: WorkContext,
): Promise<{ post: MessageInitShape<typeof PostSchema> }> {
  const post = await findPost(database, postId);
  if (post === undefined) {
    throw notFound();
  }
  const writers = await readPublicUsers(userDirectory, [post.writerId], context);
  return { post: toPost(post, board, writers, userIdOf(context)) };
}
