import { expect } from "chai";
import type { Connection, UpsertResult } from "mariadb";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { NotificationKind, NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { type Board, type Member, openBoard } from "../support/market/boards.ts";
import { mailsTo } from "../support/market/people.ts";
import { deliverTo } from "../support/market/publish-event.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

const { NEW_POST, NEW_COMMENT, NEW_QUESTION } = NotificationKind;

describe("notifications", () => {
  let stack: Stack;
  let sql: Connection;
  let board: Board;
  let creator: Member;
  let owner: Member;
  let questionId: bigint;

  before(async () => {
    stack = await sharedStack();
    sql = await connectAdmin(stack.mariadb.url);
    await sql.query("USE post");
  });
  beforeEach(async () => {
    board = await openBoard(stack);
    ({ creator, owner, questionId } = board);
  });
  after(() => sql?.end());

  const clientOf = ({ person }: Member) =>
    createPublicClient(stack, NotificationService, { token: person.token });
  const listOf = async (member: Member) =>
    (await clientOf(member).listNotifications({ pageSize: 100 })).notifications;
  const unreadOf = async (member: Member) => (await clientOf(member).getUnreadCount({})).unreadCount;
  const prefer = (member: Member, kind: NotificationKind, inApp: boolean, mail: boolean) =>
    clientOf(member).updateNotificationPreferences({ preferences: [{ kind, inApp, mail }] });
  const mailsOf = async ({ person }: Member) =>
    (await mailsTo(stack, person.email)).filter(({ subject }) => subject.includes("새 "));

  it("tell a creator of new posts, and both writers of new comments, newest first", async () => {
    const { postId } = await owner.write(questionId, { title: "질문 있습니다" });
    const asked = await owner.comment(postId);
    const answered = await creator.comment(postId);
    const about = { questionId, postId, title: "질문 있습니다", read: false };
    const [comment, post, ...others] = await listOf(creator);
    expect(comment).to.deep.include({ ...about, kind: NEW_COMMENT, commentId: asked.commentId });
    expect(comment?.writer?.name).to.equal("구매자");
    expect(post).to.deep.include({ ...about, kind: NEW_POST, commentId: 0n });
    expect(others).to.deep.equal([]);
    const [answer, ...more] = await listOf(owner);
    expect(answer).to.deep.include({ ...about, kind: NEW_COMMENT, commentId: answered.commentId });
    expect(answer?.writer?.name).to.equal("출제자");
    expect(more).to.deep.equal([]);
  });

  it("tell the writer of the post and the creator of a third reader's comment, and no one of their own", async () => {
    const reader = await board.createOwner([questionId]);
    const { postId } = await creator.write(questionId);
    await reader.comment(postId);
    await creator.comment(postId);
    expect((await listOf(creator)).length).to.equal(1);
    expect(await listOf(reader)).to.deep.equal([]);
    expect(await listOf(owner)).to.deep.equal([]);
  });

  it("are given once, however often the request is repeated", async () => {
    const content = { title: "제목", body: "본문" };
    const post = { requestId: crypto.randomUUID(), questionId, content };
    const answers = await Promise.all([1, 2, 3].map(() => owner.posts.createPost(post)));
    const postId = answers[0]?.post?.postId ?? 0n;
    const comment = { requestId: crypto.randomUUID(), postId, body: "댓글" };
    await Promise.all([1, 2, 3].map(() => owner.comments.createComment(comment)));
    expect((await listOf(creator)).map(({ kind }) => kind)).to.deep.equal([NEW_COMMENT, NEW_POST]);
  });

  it("neither repeat nor skip one that stayed, page by page, while others come and go", async () => {
    const { postId } = await owner.write(questionId);
    const written: bigint[] = [];
    for (let n = 0; n < 7; n++) {
      written.push((await owner.comment(postId, `댓글 ${n}`)).commentId);
    }
    const seen: bigint[] = [];
    let pageToken = "";
    do {
      const page = await clientOf(creator).listNotifications({ pageSize: 3, pageToken });
      seen.push(...page.notifications.map(({ commentId }) => commentId));
      if (pageToken === "") {
        await owner.comments.deleteComment({ commentId: written[6] ?? 0n });
        await owner.comments.deleteComment({ commentId: written[2] ?? 0n });
        await owner.comment(postId);
        const other = clientOf(owner).listNotifications({ pageToken: page.nextPageToken });
        expect((await refusalOf(other)).reason).to.equal("INVALID_PAGE_TOKEN");
      }
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    // The last is the notification of the post itself.
    expect(seen).to.deep.equal([...written.filter((_, n) => n !== 2).reverse(), 0n]);
  });

  it("are marked as read by id or up to one, by their user alone, and counted", async () => {
    const { postId } = await owner.write(questionId);
    for (const body of ["하나", "둘", "셋"]) {
      await owner.comment(postId, body);
    }
    expect(await unreadOf(creator)).to.equal(4);
    const [third, second, first] = (await listOf(creator)).map(({ notificationId }) => notificationId);
    const mark = (member: Member, request: { notificationIds?: bigint[]; throughNotificationId?: bigint }) =>
      clientOf(member).markNotificationsRead(request);
    expect(await mark(owner, { notificationIds: [third ?? 0n] })).to.include({ unreadCount: 0 });
    expect(await unreadOf(creator)).to.equal(4);
    expect(await mark(creator, { notificationIds: [second ?? 0n] })).to.include({ unreadCount: 3 });
    expect(await mark(creator, { throughNotificationId: first ?? 0n })).to.include({ unreadCount: 1 });
    expect((await listOf(creator)).map(({ read }) => read)).to.deep.equal([false, true, true, true]);
    for (const bad of [{}, { notificationIds: [1n], throughNotificationId: 1n }]) {
      expect((await refusalOf(mark(creator, bad))).reason).to.equal("BAD_REQUEST");
    }
  });

  it("are deleted with the comment and the post that they are about", async () => {
    const { postId } = await owner.write(questionId);
    const { commentId } = await owner.comment(postId);
    await owner.comments.deleteComment({ commentId });
    expect((await listOf(creator)).map(({ kind }) => kind)).to.deep.equal([NEW_POST]);
    await owner.comment(postId);
    await owner.posts.deletePost({ postId });
    expect(await listOf(creator)).to.deep.equal([]);
  });

  it("come as each user prefers: in the list and not by mail unless that is changed", async () => {
    const { preferences } = await clientOf(creator).getNotificationPreferences({});
    expect(preferences.map(({ kind, inApp, mail }) => [kind, inApp, mail])).to.deep.equal([
      [NEW_POST, true, false],
      [NEW_COMMENT, true, false],
      [NEW_QUESTION, true, false],
    ]);
    const changed = await prefer(creator, NEW_POST, false, true);
    expect(changed.preferences.map(({ inApp, mail }) => [inApp, mail])).to.deep.equal([
      [false, true],
      [true, false],
      [true, false],
    ]);
    const { postId } = await owner.write(questionId, { title: "비밀 제목" });
    await owner.comment(postId, "비밀 댓글");
    expect((await listOf(creator)).map(({ kind }) => kind)).to.deep.equal([NEW_COMMENT]);
    const [mail] = await until(async () => {
      const mails = await mailsOf(creator);
      return mails.length > 0 && mails;
    });
    expect(mail?.subject).to.equal("[QuestionCloud] 내 문제의 게시판에 새 글이 올라왔습니다.");
    expect(mail?.text).to.include(stack.env.USER_SITE_URL).and.not.include("비밀");
    expect(mail?.html).not.to.include("비밀");
  });

  it("send one mail about a kind, and no other until ten minutes later", async () => {
    await prefer(creator, NEW_POST, true, true);
    const requests = async () =>
      (await sql.query("SELECT * FROM outbox WHERE body LIKE ?", [`%"${creator.person.userId}"%`])).length;
    await owner.write(questionId);
    await owner.write(questionId);
    expect(await requests()).to.equal(1);
    await sql.query(
      "UPDATE notification_preference SET mail_time = mail_time - INTERVAL 10 MINUTE WHERE user_id = ?",
      [creator.person.userId],
    );
    await owner.write(questionId);
    expect(await requests()).to.equal(2);
    await until(async () => (await mailsOf(creator)).length === 2);
  });

  it("of a user who withdrew are erased, and no others come; what the user wrote stays", async () => {
    const { postId } = await owner.write(questionId);
    await creator.comment(postId);
    const { userId } = owner.person;
    await prefer(owner, NEW_COMMENT, true, true);
    // More than one step of the job erases.
    await sql.query(
      `INSERT INTO notification (user_id, kind, subject_id, question_id)
       SELECT ?, 'NEW_QUESTION', 1000000000 + seq, 1000000000 + seq FROM seq_1_to_1500`,
      [userId],
    );
    await deliverTo(stack, "post", UserWithdrawnSchema, { userId, withdrawTime: { seconds: 1n } });
    await until(async () => (await listOf(owner)).length === 0);
    await creator.comment(postId);
    expect(await listOf(owner)).to.deep.equal([]);
    expect((await creator.posts.getPost({ postId })).post?.commentCount).to.equal(2);
  });

  it("are removed by age", async () => {
    await owner.write(questionId);
    await owner.write(questionId);
    const { affectedRows }: UpsertResult = await sql.query(
      "UPDATE notification SET create_time = create_time - INTERVAL 91 DAY WHERE user_id = ? LIMIT 1",
      [creator.person.userId],
    );
    expect(affectedRows).to.equal(1);
    await until(async () => (await listOf(creator)).length === 1);
  });
});
