const time = new Intl.DateTimeFormat("ko-KR", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "Asia/Seoul",
});

/** Points for a person to read, for example `12,000P`. */
export function formatPoints(points: string): string {
  return `${BigInt(points).toLocaleString("ko-KR")}P`;
}

/** A moment for a person in Korea to read. */
export function formatTime(isoTime: string): string {
  return time.format(new Date(isoTime));
}
