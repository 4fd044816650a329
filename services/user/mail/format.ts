// Made for the first mail that needs it: the data of languages and time zones takes 8 MB.
let time: Intl.DateTimeFormat | undefined;

/** For example `12,000P`. */
export function formatPoints(points: string): string {
  return `${BigInt(points).toLocaleString("ko-KR")}P`;
}

/** A time in Korea, for example `2026년 3월 2일 오전 12:30`. */
export function formatTime(when: string | Date): string {
  time ??= new Intl.DateTimeFormat("ko-KR", {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: "Asia/Seoul",
  });
  return time.format(new Date(when));
}

/** The address of a page of the site. */
export function pageUrl(siteUrl: string, path: string): string {
  return siteUrl.replace(/\/+$/, "") + path;
}
