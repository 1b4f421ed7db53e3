/** What an operation that runs as a job is told, and tells, while it is at it. */
export interface Task {
  /** Aborted when somebody has stopped the job. */
  readonly signal: AbortSignal;
  /** How far it has come, 0 to 1, and what it is about. */
  tell(news: { readonly subject?: string; readonly progress?: number }): void;
}
