/** What a notification is about, as the contract's NotificationKind. */
export const notificationKinds = ["NEW_POST", "NEW_COMMENT", "NEW_QUESTION"] as const;

export type NotificationKind = (typeof notificationKinds)[number];

/** How a user wants to be told of one kind. */
export interface Preference {
  readonly inApp: boolean;
  readonly mail: boolean;
}

/** How users are told who have changed nothing. */
export const defaultPreference: Preference = { inApp: true, mail: false };

/** Unread notifications are counted up to here. */
export const maxUnreadCount = 100;
