import { NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { PostAdminService } from "#gen/questioncloud/post/v1/post_admin_pb.ts";
import { ReportReason } from "#gen/questioncloud/review/v1/review_pb.ts";
import type { Board, Member } from "../market/boards.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { listOf, type Walkers, type Walks, walkList, walkOwn } from "./walk.ts";

const postIds = ({ posts }: { posts: { postId: bigint }[] }) => posts.map(({ postId }) => postId);
const commentIds = ({ comments }: { comments: { commentId: bigint }[] }) =>
  comments.map(({ commentId }) => commentId);

const postsOn = ({ owner, questionId }: Board) =>
  listOf((request: object) => owner.posts.listPosts({ ...request, questionId }), postIds);
const creatorPosts = ({ creator }: Board) => listOf(creator.posts.listCreatorPosts, postIds);
const ownPosts = ({ posts }: Member) => listOf(posts.listOwnPosts, postIds);
const ownComments = ({ comments }: Member) => listOf(comments.listOwnComments, commentIds);
const commentsOn = ({ comments }: Member, postId: bigint) =>
  listOf((request: object) => comments.listComments({ ...request, postId }), commentIds);
const editsOf = ({ posts }: Member, postId: bigint) =>
  listOf(
    request => posts.listPostEdits({ ...request, postId }),
    page => page.edits.map(({ version }) => version),
  );
/** By the comments that the notifications are about. */
const newsOf = ({ stack }: Walkers, { person }: Member) =>
  listOf(createPublicClient(stack, NotificationService, { token: person.token }).listNotifications, page =>
    page.notifications.map(({ commentId }) => commentId),
  );

/** How posts come and go. */
const writing = ({ owner, questionId }: Board) => ({
  add: () => owner.write(questionId),
  remove: (postId: bigint) => owner.posts.deletePost({ postId }),
});
const commenting = (member: Member, postId: bigint) => ({
  add: () => member.comment(postId),
  remove: (commentId: bigint) => member.comments.deleteComment({ commentId }),
});

/** Walks over lists of boards, and of the news of them. */
export const walksOfPosts: Walks = {
  async "PostService.ListPosts"({ board }) {
    await walkList({
      ...writing(board),
      read: postsOn(board),
      others: [creatorPosts(board), ownPosts(board.owner)],
    });
  },
  async "PostService.ListCreatorPosts"({ board }) {
    await walkList({
      ...writing(board),
      read: creatorPosts(board),
      others: [postsOn(board), ownPosts(board.creator)],
    });
  },
  async "PostService.ListOwnPosts"({ board }) {
    const { owner, creator } = board;
    await walkList({
      ...writing(board),
      read: ownPosts(owner),
      others: [ownPosts(creator), ownComments(owner)],
    });
  },
  async "PostService.ListPostEdits"({ board: { owner, creator, questionId } }) {
    const [{ postId }, another] = [await owner.write(questionId), await owner.write(questionId)];
    const content = { title: "고친 제목", body: "고친 본문" };
    let version = 1;
    const add = () => owner.posts.updatePost({ postId, version: version++, content });
    await walkList({ read: editsOf(creator, postId), add, others: [editsOf(creator, another.postId)] });
  },
  async "PostAdminService.ListPostReports"({ stack, board: { owner, creator, market, questionId } }) {
    const admin = createPublicClient(stack, PostAdminService, { token: market.admin.token });
    await walkOwn({
      read: listOf(admin.listPostReports, page =>
        page.reports.map(report => report.target?.target.value ?? 0n),
      ),
      async add() {
        const { postId } = await owner.write(questionId);
        await creator.posts.reportPost({ postId, reason: ReportReason.SPAM });
        return postId;
      },
      remove: value =>
        admin.closePostReports({ target: { target: { case: "postId", value } }, reason: "for a test" }),
      others: [ownPosts(owner)],
    });
  },
  async "CommentService.ListComments"({ board: { owner, questionId } }) {
    const [{ postId }, another] = [await owner.write(questionId), await owner.write(questionId)];
    const others = [commentsOn(owner, another.postId)];
    await walkList({ ...commenting(owner, postId), read: commentsOn(owner, postId), others });
  },
  async "CommentService.ListOwnComments"({ board: { owner, creator, questionId } }) {
    const { postId } = await owner.write(questionId);
    const others = [ownComments(creator), ownPosts(owner), commentsOn(owner, postId)];
    await walkList({ ...commenting(owner, postId), read: ownComments(owner), others });
  },
  async "NotificationService.ListNotifications"(walkers) {
    const { owner, creator, questionId } = walkers.board;
    const { postId } = await owner.write(questionId);
    const others = [newsOf(walkers, creator)];
    await walkList({ ...commenting(creator, postId), read: newsOf(walkers, owner), others });
  },
};
