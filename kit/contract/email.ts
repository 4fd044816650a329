/** The form in which email addresses are stored and compared; requests arrive in it. */
export function normalizeEmail(email: string): string {
  return email.normalize("NFKC").toLowerCase().normalize("NFKC");
}
