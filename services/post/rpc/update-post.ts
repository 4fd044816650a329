import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { acceptFiles, checkFiles, storeWithFiles } from "../accept-files.ts";
import type { App } from "../app.ts";
import { insertEdit } from "../db/post-edits.ts";
import { lockPost, updatePost as replaceContent } from "../db/posts.ts";
import { removeLater } from "../db/removed-files.ts";
import { editConflict, uploadNotFound } from "../failures.ts";
import { requireOwnPost } from "../require-post.ts";
import { showPost } from "../show-post.ts";

export function updatePost(app: Dependencies): Handler<typeof PostService.method.updatePost> {
  return async ({ postId, version, content }, context) => {
    const { post, board } = await requireOwnPost(app, postId, context);
    if (content === undefined) {
      throw new TypeError("the contract requires content");
    }
    if (post.version !== version) {
      throw editConflict();
    }
    const { title, body, files: named } = content;
    const checked = await checkFiles(app, post.writerId, named, post.files);
    const store = async (tx: Tx) => {
      if ((await lockPost(tx, postId))?.version !== version) {
        throw editConflict();
      }
      const files = await acceptFiles(tx, checked);
      if (files === undefined) {
        throw uploadNotFound();
      }
      await insertEdit(tx, post);
      await replaceContent(tx, postId, { title, body, files });
      const kept = new Set(files.map(({ uploadId }) => uploadId));
      await removeLater(
        tx,
        post.files.filter(({ uploadId }) => !kept.has(uploadId)),
      );
    };
    await storeWithFiles(app, checked, () => app.database.transaction(store));
    return showPost(app, postId, board, context);
  };
}

type Dependencies = Pick<App, "database" | "files" | "entitlements" | "isAdministrator" | "userDirectory">;
