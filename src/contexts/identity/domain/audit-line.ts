/** One change by an administrator, an owner or a machine. */
export interface AuditLine {
  readonly id: bigint;
  readonly at: Date;
  readonly actor: string;
  readonly role: string;
  readonly operation: string;
  readonly requestId: string;
  readonly subject: string | null;
  readonly fields: readonly string[];
}
