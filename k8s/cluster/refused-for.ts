/** Turns the refusal `code` into undefined; rethrows anything else. */
export function refusedFor(code: string): (error: Error & { code?: string }) => undefined {
  return error => {
    if (error.code === code || error.message.startsWith(code)) {
      return undefined;
    }
    throw error;
  };
}
