/** RFC 2326 section 12.37: without a parameter a session lives for a minute. */
const DEFAULT_SESSION_TIMEOUT_S = 60;

export interface SessionHeader {
  /** Opaque; sent back as it came, without parameters. */
  readonly id: string;
  /** Seconds of silence after which the camera ends the session. */
  readonly timeoutS: number;
  /** False when the camera named no time and the default stands. */
  readonly timeoutGiven: boolean;
}

/** Reads a Session header, or undefined when it holds no id. */
export function parseSession(value: string): SessionHeader | undefined {
  const [id, ...parameters] = value.split(';').map((part) => part.trim());
  if (!id) return undefined;
  for (const parameter of parameters) {
    const match = /^timeout\s*=\s*"?(\d{1,6})/i.exec(parameter);
    if (match && Number(match[1]) > 0) return { id, timeoutS: Number(match[1]), timeoutGiven: true };
  }
  return { id, timeoutS: DEFAULT_SESSION_TIMEOUT_S, timeoutGiven: false };
}
