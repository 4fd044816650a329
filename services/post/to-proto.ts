import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { CommentSchema } from "#gen/questioncloud/post/v1/comment_pb.ts";
import {
  NotificationKind,
  type NotificationPreference,
  type NotificationPreferenceSchema,
  type NotificationSchema,
} from "#gen/questioncloud/post/v1/notification_pb.ts";
import type { PostReportSchema, PostTarget } from "#gen/questioncloud/post/v1/post_admin_pb.ts";
import type { PostEditSchema, PostSchema, PostSummarySchema } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { QuestionAccess } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import type { PublicUser } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { CommentRow } from "./db/comments.ts";
import type { NotificationRow } from "./db/notifications.ts";
import type { PostEditRow } from "./db/post-edits.ts";
import type { PostRow, PostSummaryRow } from "./db/posts.ts";
import type { ReportRow, ReportTarget } from "./db/reports.ts";

import {
  defaultPreference,
  type NotificationKind as Kind,
  notificationKinds,
  type Preference,
} from "./domain/notification.ts";

/** The users who wrote the rows of an answer. */
type Writers = ReadonlyMap<bigint, PublicUser>;

/** A post as the caller sees it. */
export function toPost(
  { files, createTime, editTime, writerId, ...post }: PostRow,
  question: Pick<QuestionAccess, "title" | "parentCategoryTitle" | "categoryTitle"> | undefined,
  writers: Writers,
  callerId: bigint,
): MessageInitShape<typeof PostSchema> {
  return {
    ...post,
    questionTitle: question?.title ?? "",
    parentCategoryTitle: question?.parentCategoryTitle ?? "",
    categoryTitle: question?.categoryTitle ?? "",
    files: files.map(({ uploadId, name, contentType, sizeBytes }) => ({
      uploadId,
      name,
      contentType,
      sizeBytes: BigInt(sizeBytes),
    })),
    ...toWriter(writerId, writers),
    writtenByCaller: writerId === callerId,
    ...toTimes(createTime, editTime),
  };
}

/** A post in a list; `questions` are those of the posts, where the list shows them. */
export function toPostSummary(
  { writerId, createTime, ...post }: PostSummaryRow,
  writers: Writers,
  questions: ReadonlyMap<bigint, Pick<QuestionAccess, "title">> = new Map(),
): MessageInitShape<typeof PostSummarySchema> {
  return {
    ...post,
    questionTitle: questions.get(post.questionId)?.title ?? "",
    ...toWriter(writerId, writers),
    ...toTimes(createTime, null),
  };
}

/** What a post said before an edit. */
export function toPostEdit({ editTime, ...edit }: PostEditRow): MessageInitShape<typeof PostEditSchema> {
  return { ...edit, editTime: timestampFromDate(editTime) };
}

/** A comment as the caller sees it. */
export function toComment(
  { writerId, parentCommentId, createTime, editTime, ...comment }: CommentRow,
  writers: Writers,
  callerId: bigint,
): MessageInitShape<typeof CommentSchema> {
  return {
    ...comment,
    parentCommentId: parentCommentId ?? 0n,
    ...toWriter(writerId, writers),
    writtenByCaller: writerId === callerId,
    ...toTimes(createTime, editTime),
  };
}

/** A notification as its user sees it. */
export function toNotification(
  { kind, postId, commentId, writerId, creatorId, createTime, readTime, ...row }: NotificationRow,
  writers: Writers,
): MessageInitShape<typeof NotificationSchema> {
  return {
    ...row,
    kind: NotificationKind[kind],
    postId: postId ?? 0n,
    commentId: commentId ?? 0n,
    ...(writerId !== null && toWriter(writerId, writers)),
    creatorId: creatorId ?? 0n,
    read: readTime !== null,
    createTime: timestampFromDate(createTime),
  };
}

/** The preferences for all kinds, of which a user has changed some. */
export function toPreferences(
  changed: readonly (Preference & { readonly kind: Kind })[],
): MessageInitShape<typeof NotificationPreferenceSchema>[] {
  return notificationKinds.map(kind => {
    const { inApp, mail } = changed.find(each => each.kind === kind) ?? defaultPreference;
    return { kind: NotificationKind[kind], inApp, mail };
  });
}

/** The preference in a request. */
export function fromPreference({ kind, inApp, mail }: NotificationPreference): Preference & { kind: Kind } {
  const known = notificationKinds.find(each => NotificationKind[each] === kind);
  if (known === undefined) {
    throw new TypeError("the contract requires a kind");
  }
  return { kind: known, inApp, mail };
}

/** A report as administrators see it. */
export function toPostReport({
  postId,
  commentId,
  createTime,
  ...report
}: ReportRow): MessageInitShape<typeof PostReportSchema> {
  const target =
    commentId === null
      ? ({ case: "postId", value: postId ?? 0n } as const)
      : ({ case: "commentId", value: commentId } as const);
  return { ...report, target: { target }, createTime: timestampFromDate(createTime) };
}

/** The post or comment in a request. */
export function fromTarget(target: PostTarget | undefined): ReportTarget {
  const named = target?.target;
  if (named?.value === undefined) {
    throw new TypeError("the contract requires a post or a comment");
  }
  return named.case === "postId" ? { postId: named.value } : { commentId: named.value };
}

function toWriter(writerId: bigint, writers: Writers) {
  const writer = writers.get(writerId);
  return writer === undefined ? {} : { writer };
}

function toTimes(createTime: Date, editTime: Date | null) {
  return {
    createTime: timestampFromDate(createTime),
    ...(editTime && { editTime: timestampFromDate(editTime) }),
  };
}
