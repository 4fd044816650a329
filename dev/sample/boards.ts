import { CommentService } from "#gen/questioncloud/post/v1/comment_pb.ts";
import { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { PublicApi } from "../demo/public-api.ts";
import { putFile } from "../demo/upload.ts";
import { type SamplePost, samplePosts } from "./content/boards.ts";
import { renderPreview } from "./preview.ts";
import { createSeededRandom } from "./random.ts";
import { sampleId } from "./sample-id.ts";

/** Finds the tokens of the people who write, and the questions they write about. */
interface FindOnBoards {
  token(writer: string): string;
  question(key: string): bigint;
}

/** Writes the posts and comments that do not exist yet, oldest first. */
export async function fillBoardsOnce(api: PublicApi, find: FindOnBoards): Promise<void> {
  for (const post of samplePosts) {
    const postId = await postOnce(api, find, post);
    for (const [index, [writer, body]] of post.comments.entries()) {
      const requestId = sampleId(`comment ${index} on ${post.title}`);
      await api.client(CommentService, find.token(writer)).createComment({ requestId, postId, body });
    }
  }
}

async function postOnce(
  api: PublicApi,
  find: FindOnBoards,
  { questionKey, writer, title, body, picture }: SamplePost,
): Promise<bigint> {
  const posts = api.client(PostService, find.token(writer));
  const questionId = find.question(questionKey);
  const { posts: existing } = await posts.listPosts({ questionId, pageSize: 100 });
  const found = existing.find(each => each.title === title);
  if (found !== undefined) {
    return found.postId;
  }
  const content = { title, body };
  const files =
    picture === undefined
      ? []
      : [{ uploadId: await uploadPicture(api, find, writer, questionId), name: picture }];
  const requestId = sampleId(`post ${title}`);
  const { post } = await posts.createPost({ requestId, questionId, content: { ...content, files } });
  return post?.postId ?? 0n;
}

async function uploadPicture(
  api: PublicApi,
  find: FindOnBoards,
  writer: string,
  questionId: bigint,
): Promise<string> {
  const bytes = renderPreview({
    width: 360,
    subject: Subject.MATHEMATICS,
    random: createSeededRandom(`picture of ${questionId}`),
  });
  const sizeBytes = BigInt(bytes.length);
  const file = { questionId, contentType: "image/png", sizeBytes };
  const { upload } = await api.client(PostService, find.token(writer)).createUpload(file);
  return putFile(upload, bytes);
}
